//! Every SQL constant of every module fits the schema of both engines.

use crate::people::house;
use slipway_framework::db::Statement;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(every_statement_can_be_prepared);

async fn every_statement_can_be_prepared(engine: EngineKind) {
    let house = house(engine);
    let prepared = house.db().check_statements(house.cause()).await.unwrap();
    assert_eq!(prepared, Statement::all().count());
    assert!(prepared > 50, "only {prepared} statements are linked in");
}
