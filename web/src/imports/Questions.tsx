import { Button, Checkbox, Radio, TextInput } from "@mantine/core";
import { useState } from "react";
import card from "../shell/card.module.css";
import { type Answered, answeredBy, answersOf } from "./answers";
import classes from "./imports.module.css";
import type { Answers } from "./queries";
import type { ImportQuestion } from "./wire";

interface Props {
  /** Those that are answered, too: they can be answered in another way. */
  readonly questions: readonly ImportQuestion[];
  readonly answered: readonly Answered[];
  /** What stands in the form, sent or not. */
  readonly values: Answers;
  readonly isBusy: boolean;
  readonly onChange: (values: Answers) => void;
  /** `remembered` are those that shall hold for all later files of the fund. */
  readonly onAnswer: (answered: readonly Answered[], remembered: Answers) => void;
}

/** What the file leaves open. Nothing is guessed: it is asked, and the file is checked again with the answers. */
export function Questions(props: Props) {
  const { questions, answered, values, isBusy, onChange, onAnswer } = props;
  const given = answersOf(answered);
  const [toRemember, setToRemember] = useState<readonly string[]>([]);
  const [isMissing, setMissing] = useState(false);
  if (questions.length === 0) return null;

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const next = answeredBy(questions, values);
    // Some may be answered now and others later, but at least one.
    setMissing(next.length === 0 && answered.length === 0);
    if (next.length === 0 && answered.length === 0) return;
    const all = answersOf(next);
    const remembered = toRemember.flatMap((id) => (all[id] === undefined ? [] : [[id, all[id]]]));
    onAnswer(next, Object.fromEntries(remembered));
  }

  const open = questions.filter(({ id }) => given[id] === undefined).length;
  return (
    <form className={`${card.card} ${classes.questions}`} aria-label="Questions" onSubmit={submit}>
      <header className={classes.formHeader}>
        <h2 className={card.title}>Questions about the file</h2>
        <span className={classes.muted}>{open === 0 ? "all answered" : `${open} open`}</span>
      </header>
      {questions.map((question) => (
        <Question
          key={question.id}
          question={question}
          value={values[question.id] ?? ""}
          isRemembered={toRemember.includes(question.id)}
          onChange={(value) => {
            setMissing(false);
            onChange({ ...values, [question.id]: value });
          }}
          onRemember={(isWanted) =>
            setToRemember([
              ...toRemember.filter((id) => id !== question.id),
              ...(isWanted ? [question.id] : []),
            ])
          }
        />
      ))}
      <div className={classes.actions}>
        <Button type="submit" size="sm" variant="light" loading={isBusy}>
          Check with these answers
        </Button>
        {isMissing && (
          <span role="alert" className={classes.loss}>
            Answer a question first.
          </span>
        )}
      </div>
    </form>
  );
}

interface QuestionProps {
  readonly question: ImportQuestion;
  readonly value: string;
  readonly isRemembered: boolean;
  readonly onChange: (value: string) => void;
  readonly onRemember: (isWanted: boolean) => void;
}

function Question({ question, value, isRemembered, onChange, onRemember }: QuestionProps) {
  const { id, text, example, choices, optional } = question;
  const label = optional ? `${text} (may stay open)` : text;
  const from = example ? (
    <>
      For example <code>{example}</code>
    </>
  ) : undefined;
  if (choices.length === 0) {
    // Not remembered: it is about this file, as the date of its marks is.
    return (
      <TextInput
        className={classes.answer ?? ""}
        label={label}
        description={from}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <div>
      <Radio.Group name={id} label={label} description={from} value={value} onChange={onChange}>
        <div className={classes.choices}>
          {choices.map((choice) => (
            <Radio key={choice.value} size="sm" value={choice.value} label={choice.label} />
          ))}
        </div>
      </Radio.Group>
      <Checkbox
        size="xs"
        label="Remember for this fund"
        aria-label={`Remember for this fund: ${text}`}
        checked={isRemembered}
        onChange={(event) => onRemember(event.currentTarget.checked)}
      />
    </div>
  );
}
