//! Notes as their writer sees them, and as nobody else does.

use crate::house::{NOTES, PASSWORD, open, register, user};
use serde_json::{Value, json};
use slipway_framework::db::DbError;
use slipway_testkit::{EngineKind, TestClient, on_both_engines};
use std::time::Duration;

on_both_engines!(
    a_note_is_written_counted_listed_and_deleted,
    a_wrong_note_names_its_field,
    the_legal_texts_come_first,
    nobody_elses_note_is_there,
    a_key_writes_one_note,
    the_list_is_paged_newest_first,
    a_job_for_a_note_that_is_gone_ends,
    notes_go_with_their_account_and_their_app,
);

async fn write(user: &mut TestClient, content: &str) -> Value {
    user.post(NOTES, json!({ "content": content })).await.expect(201)
}

async fn contents(user: &mut TestClient) -> Vec<Value> {
    let list = user.get(NOTES).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|note| note["content"].clone()).collect()
}

fn path(note: &Value) -> String {
    format!("{NOTES}/{}", note["id"].as_str().unwrap())
}

async fn a_note_is_written_counted_listed_and_deleted(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let note = write(&mut ana, " Water the basil ").await;
    assert_eq!((&note["content"], &note["word_count"]), (&json!("Water the basil"), &Value::Null));
    house.settle().await;
    let listed = ana.get(NOTES).await.expect(200)["items"][0].clone();
    assert_eq!((&listed["id"], &listed["word_count"]), (&note["id"], &json!(3)));
    let _gone = ana.delete(&path(&note)).await.expect(204);
    assert_eq!(ana.delete(&path(&note)).await.problem().0, 404);
    assert_eq!(ana.get(NOTES).await.expect(200)["items"], json!([]));
}

async fn a_wrong_note_names_its_field(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    for content in ["", "\u{200b}", &"a".repeat(2_001)] {
        let refused = ana.post(NOTES, json!({ "content": content })).await;
        assert_eq!(refused.problem(), (422, "request.invalid".to_owned()), "{content:.9}");
        assert_eq!(refused.fields()[0].0, "content");
    }
}

async fn the_legal_texts_come_first(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = register(&house, "verde", "ana").await;
    let refused = ana.post(NOTES, json!({ "content": "Hello" })).await;
    assert_eq!(refused.problem(), (403, "legal.acceptance_required".to_owned()));
}

async fn nobody_elses_note_is_there(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let note = write(&mut ana, "Mine").await;
    let others = [user(&house, "verde", "ben").await, user(&house, "azul", "ana").await];
    for mut other in others {
        assert_eq!(other.delete(&path(&note)).await.problem().0, 404);
        assert!(contents(&mut other).await.is_empty());
    }
    assert_eq!(house.app("verde").get(NOTES).await.problem().0, 401);
    assert_eq!(house.console().get(NOTES).await.problem().0, 404);
    assert_eq!(contents(&mut ana).await, ["Mine"]);
}

async fn a_key_writes_one_note(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await.with_header("idempotency-key", "once");
    let first = write(&mut ana, "Once").await;
    let again = ana.post(NOTES, json!({ "content": "Once" })).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(201), first);
    let reused = ana.post(NOTES, json!({ "content": "Twice" })).await;
    assert_eq!(reused.problem(), (422, "request.idempotency_key_reused".to_owned()));
    assert_eq!(contents(&mut ana).await, ["Once"]);
}

async fn the_list_is_paged_newest_first(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    for content in ["one", "two", "three"] {
        house.clock().advance(Duration::from_secs(1));
        let _note = write(&mut ana, content).await;
    }
    let first = ana.get(&format!("{NOTES}?limit=2")).await.expect(200);
    let rest = ana.get(&format!("{NOTES}?after={}", first["next"].as_str().unwrap())).await.expect(200);
    let pages = [first, rest].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(pages.iter().map(|note| note["content"].clone()).collect::<Vec<_>>(), ["three", "two", "one"]);
}

async fn a_job_for_a_note_that_is_gone_ends(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let note = write(&mut ana, "Gone before it is counted").await;
    let _gone = ana.delete(&path(&note)).await.expect(204);
    house.settle().await;
    assert!(contents(&mut ana).await.is_empty());
}

async fn notes_go_with_their_account_and_their_app(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let mut ben = user(&house, "verde", "ben").await;
    let mut eva = user(&house, "azul", "eva").await;
    for writer in [&mut ana, &mut ben, &mut eva] {
        let _note = write(writer, "Hello").await;
    }
    let _gone = ana.delete_with("/api/v1/accounts/me", json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(contents(&mut ben).await, ["Hello"]);
    let mut erasures = house.assembly().erasures().into_iter();
    let erasure = erasures.find(|erasure| erasure.table == "kitname_notes").unwrap();
    let erased = house.db().write(&scope, move |tx| (erasure.slice)(tx, 500)).await;
    assert_eq!(erased.map_err(|error: DbError| error).unwrap(), 1, "Ana's note went with her account");
    assert!(contents(&mut ben).await.is_empty());
    assert_eq!(contents(&mut eva).await, ["Hello"], "the neighbour's note stays");
}
