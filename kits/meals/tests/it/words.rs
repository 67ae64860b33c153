//! What the kit says: disclaimers everywhere, warnings where they belong, no medical conditions, and a privacy policy that
//! lists every table.

use crate::house::{PLANS, open, user, wishes};
use serde_json::{Value, json};
use slipway_framework::kit::LegalIdentity;
use slipway_testkit::{EngineKind, on_both_engines};
use std::time::Duration;

on_both_engines!(
    every_plan_and_diet_carries_the_disclaimer,
    low_energy_carries_a_warning,
    no_text_names_a_condition,
    the_privacy_policy_lists_every_table,
    a_plan_is_told_to_others_by_its_ids_only,
);

const PHRASES: [&str; 6] = [
    "NOT intended to provide medical advice",
    "general nutritional information only",
    "NOT intended to diagnose, treat, cure, or prevent any disease",
    "NOT a substitute for professional medical advice",
    "ALWAYS consult your physician before starting any diet program",
    "Individual results may vary",
];

async fn every_plan_and_diet_carries_the_disclaimer(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let options = house.app("verde").get("/api/v1/meals/options").await.expect(200);
    let plan = ana.post(PLANS, wishes()).await.expect(201);
    let kept = ana.get(&format!("{PLANS}/{}", plan["id"].as_str().unwrap())).await.expect(200);
    let mut texts: Vec<&Value> =
        vec![&options["disclaimer"]["text"], &plan["disclaimer"]["text"], &kept["disclaimer"]["text"]];
    texts.extend(options["diets"].as_array().unwrap().iter().map(|diet| &diet["disclaimer"]));
    assert_eq!(texts.len(), 9);
    for text in texts {
        for phrase in PHRASES {
            assert!(text.as_str().unwrap().contains(phrase), "{phrase}: {text}");
        }
    }
    for disclaimer in [&options["disclaimer"], &plan["disclaimer"]] {
        assert_eq!(disclaimer["heading"], "Important Medical Disclaimer");
        assert_eq!(
            disclaimer["banner"],
            "This application is for educational purposes only. Not medical advice. Consult healthcare professionals."
        );
        assert_eq!(disclaimer["statements"].as_array().unwrap().len(), 4);
        assert_eq!(disclaimer["fda"][1], "These statements have not been evaluated by the FDA.");
    }
    assert_eq!(options["calories"], json!({ "min": 800, "max": 5000, "step": 50, "warn_below": 1200 }));
    let lengths = ["diets", "patterns", "restrictions"].map(|list| options[list].as_array().unwrap().len());
    assert_eq!(lengths, [6, 5, 15]);
}

async fn low_energy_carries_a_warning(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    for (calories, restrictions, starts) in [
        (1199, json!([]), vec!["WARNING: 1199 kcal"]),
        (1200, json!([]), vec![]),
        (1199, json!(["nut_free"]), vec!["WARNING: 1199 kcal", "Foods are left out"]),
        (2000, json!(["nut_free"]), vec!["Foods are left out"]),
    ] {
        house.clock().advance(Duration::from_mins(1));
        let wishes = json!({ "calories": calories, "diet_type": "standard", "meal_pattern": "3_meals",
            "restrictions": restrictions });
        let plan = ana.post(PLANS, wishes).await.expect(201);
        let warnings = plan["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), starts.len(), "{warnings:?}");
        for (warning, start) in warnings.iter().zip(starts) {
            assert!(warning.as_str().unwrap().starts_with(start), "{warning}");
        }
    }
}

async fn no_text_names_a_condition(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let mut served = vec![ana.get("/api/v1/meals/options").await.bytes];
    for diet in ["standard", "vegan", "keto"] {
        let wishes = json!({ "calories": 1000, "diet_type": diet, "meal_pattern": "3_meals" });
        let reply = ana.post(PLANS, wishes).await;
        assert_eq!(reply.status.as_u16(), 201);
        served.push(reply.bytes);
    }
    let card = house.platform().kit("meals").unwrap().card;
    let texts = (card.legal)(&verde());
    for text in [texts.terms, texts.privacy, texts.disclaimers] {
        served.push(serde_json::to_vec(&text).unwrap());
    }
    let features = card.features.join("\n");
    let recipes = slipway_meals::kitchen().recipes.iter().count();
    assert!(features.contains(&format!("{recipes} recipes")), "{recipes}: {features}");
    served.push(format!("{}{}{features}", card.title, card.summary).into_bytes());
    for text in served {
        let text = String::from_utf8(text).unwrap().to_lowercase().replace(['_', '-'], " ");
        for condition in [
            "diabet",
            "hypertension",
            "blood pressure",
            "heart disease",
            "kidney disease",
            "weight loss plan",
        ] {
            assert!(!text.contains(condition), "{condition}");
        }
    }
}

/// Every table that can hold a user's data, with what the policy must say about it. A table that is not here fails the test:
/// say in `legal/privacy.txt` what it holds, then add it.
const SAID: &[(&str, &str)] = &[
    ("accounts", "Your account: your e-mail address, your password as a salted Argon2id hash"),
    ("account_sessions", "Your sessions: for each browser that is signed in, the hash of its session token"),
    ("meal_plans", "Your meal plans: the energy, way of eating, number of meals and restrictions"),
    ("audit_entries", "The audit trail: what was done in your account"),
    ("outbox_events", "notices between parts of the program"),
    ("consumed_events", "notices between parts of the program"),
    ("dead_events", "notices between parts of the program"),
    ("jobs", "background jobs"),
    ("idempotency_keys", "for repeated requests their key and a short answer that names what was made"),
];

/// Tables of an app that hold nothing of its users.
const IMPERSONAL: &[&str] = &["apps", "slugs"];

async fn the_privacy_policy_lists_every_table(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let policy =
        serde_json::to_string(&(house.platform().kit("meals").unwrap().card.legal)(&verde()).privacy)
            .unwrap();
    let tables = house.assembly().migrations().tables().unwrap();
    let of_users = tables.iter().filter(|(_, roots)| roots.contains("app") || roots.contains("either"));
    let mut seen = 0;
    for (table, roots) in of_users.filter(|(table, _)| !IMPERSONAL.contains(&table.as_str())) {
        let said = SAID.iter().find(|(known, _)| known == table);
        let (_, phrase) =
            said.unwrap_or_else(|| panic!("the policy does not know the table {table} ({roots})"));
        assert!(policy.contains(phrase), "{table}: {phrase}");
        seen += 1;
    }
    assert_eq!(seen, SAID.len(), "a table the policy speaks of is gone");
}

async fn a_plan_is_told_to_others_by_its_ids_only(engine: EngineKind) {
    let (house, scope) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let plan = ana.post(PLANS, wishes()).await.expect(201);
    let account = ana.get("/api/v1/sessions/current").await.expect(200)["account"]["id"].clone();
    static LAST: slipway_framework::db::Statement = slipway_framework::db::Statement::new(
        "tests::LAST",
        "SELECT payload FROM outbox_events WHERE root = $1 AND kind = 'meals.plan_created'",
    );
    let payload = house.db().read(&scope, |read| {
        read.one(&LAST, slipway_framework::params![read.app()], |row| row.get::<Value>(0))
    });
    let payload = payload.await.map_err(|error: slipway_framework::db::DbError| error).unwrap().unwrap();
    let event: slipway_meals::PlanCreated = serde_json::from_value(payload.clone()).unwrap();
    assert_eq!(event.app, scope.app());
    assert_eq!((json!(event.plan), json!(event.account)), (plan["id"].clone(), account));
    assert_eq!(payload.as_object().unwrap().len(), 3);
}

fn verde() -> LegalIdentity {
    let [app, company, email, jurisdiction] =
        ["Verde", "Verde S.L.", "privacy@verde.example", "Spain"].map(str::to_owned);
    LegalIdentity { app, company, email, jurisdiction }
}
