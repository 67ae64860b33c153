//! A partner's name.

use crate::desk::Desk;
use serde_json::json;
use slipway_framework::audit;
use slipway_kernel::Limit;
use slipway_tenancy::partner;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(a_partner_is_shown_and_renamed, a_wrong_name_is_refused_with_its_reason);

async fn a_partner_is_shown_and_renamed(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let mut client = desk.signed_in(owner);
    let mut expected = json!({
        "id": owner.partner.to_string(), "name": "Verde", "created_at": "2026-01-01T00:00:00.000000Z"
    });
    assert_eq!(client.get("/api/v1/partner").await.expect(200), expected);
    expected["name"] = json!("Ñandú 'Robert'); DROP TABLE partners;--");
    let renamed = client
        .patch("/api/v1/partner", json!({ "name": format!("  {} ", expected["name"].as_str().unwrap()) }));
    assert_eq!(renamed.await.expect(200), expected);
    assert_eq!(client.get("/api/v1/partner").await.expect(200), expected);
    let scope = desk.partner_scope(owner.partner);
    let trail = desk.db().read(&scope, |read| audit::list(read, None, None, Limit::DEFAULT)).await.unwrap();
    let newest = &trail.items[0];
    assert_eq!(
        (newest.action.as_str(), newest.actor.as_str()),
        ("partner_renamed", &*owner.member.to_string())
    );
    assert!(trail.items.iter().any(|entry| entry.action == "partner_created"));
    let other = desk.partner_scope(desk.mint());
    assert_eq!(desk.db().read(&other, partner::find).await.unwrap(), None);
}

async fn a_wrong_name_is_refused_with_its_reason(engine: EngineKind) {
    let desk = Desk::open(engine);
    let mut client = desk.signed_in(desk.partner("Verde").await);
    for (body, field, message) in [
        (json!({ "name": "" }), "name", "A name has 1 to 80 characters."),
        (json!({ "name": "x".repeat(81) }), "name", "A name has 1 to 80 characters."),
        (json!({ "name": "a\nb" }), "name", "A name stands on one line, without control characters."),
        (json!({ "name": "a\u{0}b" }), "name", "The character U+0000 cannot be stored; leave it out."),
        (json!({ "name": 7 }), "name", "Give a text, not a number."),
        (
            json!({ "name": "Green", "owner": true }),
            "owner",
            "There is no such field; leave it out. The fields are name.",
        ),
    ] {
        let reply = client.patch("/api/v1/partner", body.clone()).await;
        assert_eq!(reply.problem(), (422, "request.invalid".to_owned()), "{body}");
        assert_eq!(reply.fields(), [(field.to_owned(), message.to_owned())], "{body}");
    }
    let huge = client.patch("/api/v1/partner", json!({ "name": "x".repeat(300_000) })).await;
    assert_eq!(huge.problem(), (413, "request.too_large".to_owned()));
    assert_eq!(client.get("/api/v1/partner").await.expect(200)["name"], "Verde");
}
