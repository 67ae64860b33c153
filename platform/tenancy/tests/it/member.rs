//! A partner's people: one address each, always an owner, and nobody raises themselves.

use crate::desk::{Desk, Person};
use serde_json::json;
use slipway_framework::audit;
use slipway_framework::db::DbError;
use slipway_framework::scope::{Purpose, SystemScope};
use slipway_kernel::{Email, Limit};
use slipway_tenancy::member::{self, MemberError, NewMember, Role};
use slipway_testkit::{EngineKind, on_both_engines, tokio};

on_both_engines!(
    members_are_listed_page_by_page,
    an_address_is_one_member_of_one_partner,
    a_member_is_found_by_any_spelling_of_the_address,
    a_partner_keeps_an_owner,
    nobody_changes_their_own_role,
    only_owners_make_and_unmake_owners,
    two_owners_cannot_unmake_each_other,
    a_wrong_role_is_refused_with_its_reason,
    every_change_is_in_the_trail,
);

fn path(person: Person) -> String {
    format!("/api/v1/members/{}", person.member)
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn members_are_listed_page_by_page(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.partner("Azul").await;
    let mut expected = vec![owner.member.to_string()];
    for role in [Role::Admin, Role::Builder, Role::Viewer, Role::Viewer] {
        desk.clock().advance(std::time::Duration::from_millis(1));
        expected.push(desk.colleague(owner, role).await.member.to_string());
    }
    let mut client = desk.signed_in(owner);
    let mut listed = Vec::new();
    let mut next = Some(String::new());
    while let Some(after) = next {
        let after = if after.is_empty() { after } else { format!("&after={after}") };
        let page = client.get(&format!("/api/v1/members?limit=2{after}")).await.expect(200);
        let ids =
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
        listed.extend(ids);
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(listed, expected);
    let first = &client.get("/api/v1/members?limit=1").await.expect(200)["items"][0];
    let shown = json!({
        "id": owner.member.to_string(), "name": "Ana", "email": "Person1@Example.com", "role": "owner",
        "created_at": "2026-01-01T00:00:00.000000Z"
    });
    assert_eq!(*first, shown);
    for (query, field) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=app_1", "after")]
    {
        let reply = client.get(&format!("/api/v1/members?{query}")).await;
        assert_eq!((reply.problem().0, reply.fields()[0].0.as_str()), (422, field), "{query}");
    }
}

async fn an_address_is_one_member_of_one_partner(engine: EngineKind) {
    let desk = Desk::open(engine);
    let (owner, neighbour) = (desk.partner("Verde").await, desk.partner("Azul").await);
    for partner in [owner.partner, neighbour.partner] {
        let email = Email::parse("person1@example.COM").unwrap();
        let twin = NewMember { email, ..desk.new_member(desk.mint(), Role::Viewer) };
        assert!(matches!(desk.add(partner, twin).await, Err(MemberError::EmailTaken)));
    }
    let alone = desk.new_member(desk.mint(), Role::Owner);
    let without_partner = desk.add(desk.mint(), alone).await;
    assert!(
        matches!(without_partner, Err(MemberError::Db(DbError::Constraint { .. }))),
        "{without_partner:?}"
    );
}

async fn a_member_is_found_by_any_spelling_of_the_address(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let scope = SystemScope::new(Purpose::Members, desk.cause());
    for (address, found) in [("PERSON1@example.com", true), ("person9@example.com", false)] {
        let key = Email::parse(address).unwrap().key();
        let record = desk.db().read(&scope, move |read| member::find_by_email(read, &key)).await.unwrap();
        assert_eq!(
            record.map(|(partner, record)| (partner, record.member, record.role)),
            found.then_some((owner.partner, owner.member, Role::Owner))
        );
    }
}

async fn a_partner_keeps_an_owner(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let mut client = desk.signed_in(owner);
    assert_eq!(client.delete(&path(owner)).await.problem(), code(409, "members.last_owner"));
    let second = desk.colleague(owner, Role::Owner).await;
    let _ = client.patch(&path(second), json!({ "role": "owner" })).await.expect(200);
    let _ = client.delete(&path(owner)).await.expect(204);
    assert_eq!(client.get("/api/v1/partner").await.problem().0, 401);
    assert_eq!(desk.signed_in(second).delete(&path(second)).await.problem(), code(409, "members.last_owner"));
}

async fn nobody_changes_their_own_role(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.colleague(owner, Role::Owner).await;
    let admin = desk.colleague(owner, Role::Admin).await;
    for person in [owner, admin] {
        let reply = desk.signed_in(person).patch(&path(person), json!({ "role": "viewer" })).await;
        assert_eq!(reply.problem(), code(409, "members.own_role"));
    }
}

async fn only_owners_make_and_unmake_owners(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let (admin, viewer) =
        (desk.colleague(owner, Role::Admin).await, desk.colleague(owner, Role::Viewer).await);
    let mut client = desk.signed_in(admin);
    let forbidden = code(403, "members.forbidden");
    assert_eq!(client.patch(&path(viewer), json!({ "role": "owner" })).await.problem(), forbidden);
    assert_eq!(client.patch(&path(owner), json!({ "role": "viewer" })).await.problem(), forbidden);
    assert_eq!(client.delete(&path(owner)).await.problem(), forbidden);
    assert_eq!(client.patch(&path(admin), json!({ "role": "owner" })).await.problem().0, 409);
    assert_eq!(client.patch(&path(viewer), json!({ "role": "admin" })).await.expect(200)["role"], "admin");
    let mut client = desk.signed_in(owner);
    assert_eq!(client.patch(&path(viewer), json!({ "role": "owner" })).await.expect(200)["role"], "owner");
}

async fn two_owners_cannot_unmake_each_other(engine: EngineKind) {
    let desk = Desk::open(engine);
    for round in 0..10 {
        let ana = desk.partner(&format!("Verde {round}")).await;
        let ben = desk.colleague(ana, Role::Owner).await;
        let unmake = |acting: Person, target: Person| {
            let change = desk.db().write(&desk.partner_scope(ana.partner), move |tx| {
                member::change_role(tx, acting.member, target.member, Role::Admin)
            });
            tokio::spawn(change)
        };
        let (first, second) = (unmake(ana, ben), unmake(ben, ana));
        let outcomes = [first.await.unwrap(), second.await.unwrap()];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let refused = outcomes.into_iter().find_map(Result::err);
        assert!(matches!(refused, Some(MemberError::OwnersOnly)), "{refused:?}");
    }
}

async fn a_wrong_role_is_refused_with_its_reason(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let viewer = desk.colleague(owner, Role::Viewer).await;
    let mut client = desk.signed_in(owner);
    for (body, field, message) in [
        (json!({ "role": "king" }), "role", "A role is one of owner, admin, builder, viewer."),
        (json!({ "role": "Owner" }), "role", "A role is one of owner, admin, builder, viewer."),
        (json!({ "role": "admin\u{0}" }), "role", "The character U+0000 cannot be stored; leave it out."),
        (json!({}), "role", "This is missing; give a text."),
        (
            json!({ "role": "admin", "email": "x" }),
            "email",
            "There is no such field; leave it out. The fields are role.",
        ),
    ] {
        let reply = client.patch(&path(viewer), body.clone()).await;
        assert_eq!(reply.problem().0, 422, "{body}");
        let (told, why) = &reply.fields()[0];
        assert_eq!(why, message, "{body}");
        assert!(field.is_empty() || told == field, "{body}: {told}");
    }
    let missing = Person { member: desk.mint(), ..owner };
    assert_eq!(client.patch(&path(missing), json!({ "role": "admin" })).await.problem().0, 404);
    assert_eq!(client.delete(&path(missing)).await.problem().0, 404);
}

async fn every_change_is_in_the_trail(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let viewer = desk.colleague(owner, Role::Viewer).await;
    let mut client = desk.signed_in(owner);
    for role in ["admin", "admin", "builder"] {
        let _ = client.patch(&path(viewer), json!({ "role": role })).await.expect(200);
    }
    let _ = client.delete(&path(viewer)).await.expect(204);
    assert_eq!(client.patch(&path(viewer), json!({ "role": "king" })).await.problem().0, 422);
    let scope = desk.partner_scope(owner.partner);
    let trail = desk.db().read(&scope, |read| audit::list(read, None, None, Limit::DEFAULT)).await.unwrap();
    let mut told: Vec<_> = trail
        .items
        .into_iter()
        .filter(|entry| entry.resource_id == viewer.member.to_string())
        .map(|entry| (entry.action, entry.details))
        .collect();
    told.sort_by_key(|(action, details)| (action.clone(), details.to_string()));
    let expected = [
        ("member_added", json!({ "role": "viewer" })),
        ("member_removed", json!({ "role": "builder" })),
        ("member_role_changed", json!({ "from": "admin", "to": "builder" })),
        ("member_role_changed", json!({ "from": "viewer", "to": "admin" })),
    ];
    assert_eq!(told, expected.map(|(action, details)| (action.to_owned(), details)));
    // Only PostgreSQL lets a test look into the outbox past the scopes.
    if engine == EngineKind::Postgres {
        let told = desk.database().as_owner(
            "SELECT kind || ' ' || coalesce(payload->>'role', '') FROM outbox_events
             WHERE kind LIKE 'tenancy.member%' ORDER BY event",
        );
        let expected = [
            "tenancy.member_added owner",
            "tenancy.member_added viewer",
            "tenancy.member_role_changed admin",
            "tenancy.member_role_changed builder",
            "tenancy.member_removed ",
        ];
        assert_eq!(told, expected);
    }
}
