//! What bodies may be. Requests are read strictly, and their schemas say so; those that are answers too stay open, since
//! an answer may get further fields.

use std::collections::BTreeSet;
use std::mem;

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, Components, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, SchemaType,
    Type,
};
use utoipa::openapi::{Content, OpenApi, RefOr};

use super::{names, operations};

const SCHEMAS: &str = "#/components/schemas/";

pub(super) fn complete(document: &mut OpenApi) {
    name_files(document);
    let mut asked = BTreeSet::new();
    let mut created = BTreeSet::new();
    let mut answered = BTreeSet::new();
    for (_, _, operation) in operations(document) {
        let is_creation = operation.parameters.iter().flatten().any(
            |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name.eq_ignore_ascii_case("idempotency-key")),
        );
        if let Some(RefOr::T(body)) = &operation.request_body {
            let mut named = BTreeSet::new();
            body.content.values().for_each(|content| collect_content(content, &mut named));
            if is_creation {
                created.extend(named.iter().cloned());
            }
            asked.extend(named);
        }
        for response in operation.responses.responses.values() {
            if let RefOr::T(response) = response {
                response.content.values().for_each(|content| collect_content(content, &mut answered));
            }
        }
    }
    let Some(components) = &mut document.components else { return };
    let asked = reachable(components, asked);
    let answered = reachable(components, answered);
    for name in asked.difference(&answered) {
        if let Some(RefOr::T(schema)) = components.schemas.get_mut(name) {
            tighten(schema);
            if created.contains(name) {
                add_idempotency_key(schema);
            }
        }
    }
}

/// Bytes are no list of numbers.
fn name_files(document: &mut OpenApi) {
    for (_, _, operation) in operations(document) {
        let asked = operation.request_body.iter_mut().filter_map(|body| match body {
            RefOr::T(body) => Some(body.content.values_mut()),
            RefOr::Ref(_) => None,
        });
        let answered = operation.responses.responses.values_mut().filter_map(|response| match response {
            RefOr::T(response) => Some(response.content.values_mut()),
            RefOr::Ref(_) => None,
        });
        for content in asked.flatten().chain(answered.flatten()) {
            if let RefOr::T(content) = content
                && let Some(RefOr::T(Schema::Array(_))) = &content.schema
            {
                let bytes = ObjectBuilder::new().schema_type(Type::String);
                let bytes = bytes.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).build();
                content.schema = Some(RefOr::T(Schema::Object(bytes)));
            }
        }
    }
}

/// Makes one object of the parts of a change, of which each alone would refuse the fields of the other; then names what
/// its fields may hold, and that there are no others.
fn tighten(schema: &mut Schema) {
    if let Schema::AllOf(all) = schema {
        let description = all.description.take();
        let mut whole = Object::default();
        whole.description = description;
        for part in mem::take(&mut all.items) {
            if let RefOr::T(Schema::Object(part)) = part {
                whole.required.extend(part.required);
                whole.properties.extend(part.properties);
            }
        }
        *schema = Schema::Object(whole);
    }
    match schema {
        Schema::Object(object) => {
            for (name, property) in &mut object.properties {
                narrow(name, property);
            }
            if !object.properties.is_empty() && object.additional_properties.is_none() {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
        Schema::OneOf(one) => {
            for option in &mut one.items {
                if let RefOr::T(option) = option {
                    tighten(option);
                }
            }
        }
        _ => {}
    }
}

fn narrow(name: &str, property: &mut RefOr<Schema>) {
    match property {
        RefOr::T(Schema::Object(object)) => names::narrow(name, object),
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                narrow(name, items);
            }
        }
        _ => {}
    }
}

/// The field that says in the body what the header `Idempotency-Key` says.
fn add_idempotency_key(schema: &mut Schema) {
    const NAME: &str = "idempotencyKey";
    let Schema::Object(object) = schema else { return };
    let mut key = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("As the header `Idempotency-Key`; one of the two is enough."))
        .build();
    names::narrow(NAME, &mut key);
    object.properties.insert(NAME.to_owned(), RefOr::T(Schema::Object(key)));
}

fn collect_content(content: &RefOr<Content>, names: &mut BTreeSet<String>) {
    if let RefOr::T(Content { schema: Some(schema), .. }) = content {
        collect(schema, names);
    }
}

/// The components that a schema names, found in its text: a reference looks the same wherever it stands.
fn collect(schema: &RefOr<Schema>, names: &mut BTreeSet<String>) {
    let text = serde_json::to_string(schema).unwrap_or_default();
    let after = text.split(SCHEMAS).skip(1).filter_map(|rest| rest.split('"').next());
    names.extend(after.map(str::to_owned));
}

/// The named components with all that these name.
fn reachable(components: &Components, named: BTreeSet<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<String> = named.into_iter().collect();
    while let Some(name) = waiting.pop() {
        if let Some(schema) = components.schemas.get(&name)
            && seen.insert(name)
        {
            let mut further = BTreeSet::new();
            collect(schema, &mut further);
            waiting.extend(further);
        }
    }
    seen
}
