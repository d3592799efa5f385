//! What parameters may be.

use store::Limit;
use store::flag_changes::FlagChangeStatus;
use store::snapshots::SnapshotStatus;
use utoipa::Number;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

use super::{names, operations};
use crate::rollouts::report::Kind;

pub(super) fn complete(document: &mut OpenApi) {
    for (_, _, operation) in operations(document) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter {
                narrow(id, parameter);
            }
        }
    }
}

fn narrow(operation: &str, parameter: &mut Parameter) {
    let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else { return };
    // A parameter that is not there is left out: nothing could be written that is null.
    without_null(schema);
    names::narrow(&parameter.name, schema);
    match (operation, parameter.name.as_str()) {
        (_, "limit") => {
            schema.maximum = isize::try_from(Limit::MAX).ok().map(Number::Int);
            schema.default = Some(Limit::default().get().into());
        }
        (_, "Idempotency-Key") => {
            describe(parameter, "Chosen by the client: of requests with one key, one is carried out");
        }
        (_, "If-Match") => describe(parameter, "The version the change is made to, unless the body has it"),
        ("export_workbook", "content") => names::words(schema, &["lenses", "facts"]),
        ("get_rollout_report", "kind") => names::words(schema, &Kind::ALL.map(Kind::as_str)),
        ("list_snapshots", "status") => names::words(schema, SnapshotStatus::ALL),
        ("list_flag_changes", "status") => names::words(schema, FlagChangeStatus::ALL),
        _ => {}
    }
}

fn without_null(schema: &mut Object) {
    if let SchemaType::Array(types) = &mut schema.schema_type {
        types.retain(|one| *one != Type::Null);
        if let [one] = types.as_slice() {
            schema.schema_type = SchemaType::Type(one.clone());
        }
    }
}

fn describe(parameter: &mut Parameter, description: &str) {
    parameter.description.get_or_insert_with(|| description.to_owned());
}
