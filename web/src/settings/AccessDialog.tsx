import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fundsQuery } from "../api/queries";
import { Dialog } from "../shell/Dialog";
import { fieldProblems } from "./field-problems";
import { changePerson, createSignInLink, peopleQuery, setPassword, signPersonOut } from "./queries";
import { ROLES, whatRoleMay } from "./roles";
import classes from "./SettingsPage.module.css";
import { SubmissionFailure } from "./SubmissionFailure";
import type { Person } from "./wire";

/** How a person signs in and what they may do then: for administrators. */
export function AccessDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  return (
    <Dialog title={`How ${person.name} signs in`} onClose={onClose}>
      <div className={classes.dialog}>
        <AccessForm key={person.version} person={person} />
        {person.role != null && <LinkForm person={person} />}
        <PasswordForm person={person} />
        <div className={classes.actions}>
          <SignOutButton person={person} />
          <Button size="xs" variant="default" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function AccessForm({ person }: { person: Person }) {
  const queryClient = useQueryClient();
  const funds = useQuery(fundsQuery);
  const [signInName, setSignInName] = useState(person.signInName ?? "");
  const [role, setRole] = useState(person.role ?? "");
  const [fundIds, setFundIds] = useState<readonly number[] | null>(person.fundIds ?? null);
  const change = useMutation({
    mutationFn: () =>
      changePerson(person, {
        name: person.name,
        signInName: signInName.trim() === "" ? null : signInName.trim(),
        role: role === "" ? null : role,
        fundIds: role === "" || fundIds === null ? null : [...fundIds],
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  });
  const problems = fieldProblems(change.error);
  const roles = ROLES.filter(({ name }) => name !== "ofrep").map(({ name }) => name);
  return (
    <form
      className={classes.dialog}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <TextInput
        label="Signs in as"
        description="One word, such as an e-mail address; capitals do not matter"
        autoComplete="off"
        value={signInName}
        error={problems.signInName}
        onChange={(event) => setSignInName(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        description={role === "" ? "Cannot sign in with a password" : whatRoleMay(role)}
        value={role}
        error={problems.role}
        data={[{ value: "", label: "none" }, ...roles]}
        onChange={(event) => setRole(event.currentTarget.value)}
      />
      {role !== "" && (
        <fieldset className={classes.plain}>
          <legend>Funds</legend>
          <Checkbox
            label="All"
            checked={fundIds === null}
            onChange={(event) => setFundIds(event.currentTarget.checked ? null : [])}
          />
          {fundIds !== null &&
            funds.data?.map(({ id, name }) => (
              <Checkbox
                key={id}
                label={name}
                checked={fundIds.includes(id)}
                onChange={(event) =>
                  setFundIds(
                    event.currentTarget.checked
                      ? [...fundIds, id]
                      : fundIds.filter((other) => other !== id),
                  )
                }
              />
            ))}
          {problems.fundIds && <p className={classes.failure}>{problems.fundIds}</p>}
        </fieldset>
      )}
      <SubmissionFailure error={change.error} fields={["signInName", "role", "fundIds"]} />
      <div className={classes.actions}>
        <Button type="submit" size="xs" loading={change.isPending}>
          Save
        </Button>
        <span className={classes.muted}>Another role ends their sessions.</span>
      </div>
    </form>
  );
}

function LinkForm({ person }: { person: Person }) {
  const making = useMutation({ mutationFn: () => createSignInLink(person.id) });
  return (
    <div className={classes.dialog}>
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="light"
          loading={making.isPending}
          onClick={() => making.mutate()}
        >
          Make a one-time link
        </Button>
        <span className={classes.muted}>With it they set their own password, within a day.</span>
      </div>
      {making.data && (
        <div className={classes.secret}>
          <input
            readOnly
            value={`${window.location.origin}${making.data.path}`}
            aria-label={`Link for ${person.name}`}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
      )}
      <SubmissionFailure error={making.error} fields={[]} />
    </div>
  );
}

function PasswordForm({ person }: { person: Person }) {
  const queryClient = useQueryClient();
  const [password, setValue] = useState("");
  const setting = useMutation({
    mutationFn: () => setPassword(person.id, password),
    onSuccess: () => {
      setValue("");
      void queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey });
    },
  });
  return (
    <form
      className={classes.dialog}
      onSubmit={(event) => {
        event.preventDefault();
        setting.mutate();
      }}
    >
      <PasswordInput
        label={person.passwordChangedAt ? "Another password" : "First password"}
        autoComplete="new-password"
        value={password}
        error={fieldProblems(setting.error).password}
        onChange={(event) => {
          setValue(event.currentTarget.value);
          setting.reset();
        }}
      />
      <SubmissionFailure error={setting.error} fields={["password"]} />
      <div className={classes.actions}>
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={password === ""}
          loading={setting.isPending}
        >
          Set password
        </Button>
        <output>{setting.isSuccess && "It is set, and their sessions have ended."}</output>
      </div>
    </form>
  );
}

function SignOutButton({ person }: { person: Person }) {
  const ending = useMutation({ mutationFn: () => signPersonOut(person.id) });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={ending.isPending}
        onClick={() => ending.mutate()}
      >
        End their sessions
      </Button>
      <output>{ending.isSuccess && "They are signed out everywhere."}</output>
      {ending.error && (
        <span role="alert" className={classes.failure}>
          {ending.error.message}
        </span>
      )}
    </>
  );
}
