//! Whether a slug can be had, why not, and what else; and the kits it could be had for.

use crate::desk::Desk;
use serde_json::json;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(a_slug_is_free_or_there_is_another, a_crowded_name_runs_out_of_suggestions, kits_are_listed);

async fn a_slug_is_free_or_there_is_another(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.launch(desk.partner("Azul").await, "verde").await;
    let mut client = desk.signed_in(owner);
    let length = "A slug has 3 to 40 characters.";
    let form = "A slug is made of the letters a-z, digits and single hyphens, and starts with a letter and ends with a letter or digit.";
    let taken = "Another app answers there already; choose another address.";
    let reserved = "\"console\" is reserved for the platform; choose another slug.";
    let (long, cut) = ("a".repeat(7_000), "a".repeat(40));
    for (path, slug, reason, suggestion) in [
        ("azul", "azul", None, None),
        ("verde", "verde", Some(taken), Some("verde-app")),
        ("console", "console", Some(reserved), Some("console-app")),
        ("Verde", "Verde", Some(form), Some("verde-app")),
        ("Caf%C3%A9%20Ol%C3%A9", "Café Olé", Some(form), Some("cafe-ole")),
        ("ab", "ab", Some(length), Some("ab-app")),
        ("1", "1", Some(length), None),
        ("abc%00", "abc\u{0}", Some(form), Some("abc")),
        (&long, &long, Some(length), Some(&cut)),
        ("%27%3BDROP%20TABLE%20slugs", "';DROP TABLE slugs", Some(form), Some("drop-table-slugs")),
    ] {
        let answer = client.get(&format!("/api/v1/slugs/{path}")).await.expect(200);
        let expected = json!({ "slug": slug, "available": reason.is_none(), "reason": reason, "suggestion": suggestion });
        assert_eq!(answer, expected, "{path}");
    }
    assert_eq!(client.get("/api/v1/slugs/%FF").await.problem().0, 404);
}

async fn a_crowded_name_runs_out_of_suggestions(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    desk.launch(owner, "verde").await;
    let mut client = desk.signed_in(owner);
    let mut suggested = Vec::new();
    loop {
        let answer = client.get("/api/v1/slugs/verde").await.expect(200);
        let Some(suggestion) = answer["suggestion"].as_str() else { break };
        desk.launch(owner, suggestion).await;
        suggested.push(suggestion.to_owned());
    }
    assert_eq!(suggested[..2], ["verde-app", "verde-2"]);
    assert_eq!(suggested.len(), 9);
}

async fn kits_are_listed(engine: EngineKind) {
    let desk = Desk::open(engine);
    let mut client = desk.signed_in(desk.partner("Verde").await);
    let meals = json!({
        "name": "meals", "title": "Meals", "summary": "Plans a week.", "features": ["Plans", "Shopping lists"]
    });
    assert_eq!(client.get("/api/v1/kits").await.expect(200), json!({ "items": [meals] }));
}
