//! The legal texts are whole, in the name of the app.

use crate::house::open;
use slipway_framework::kit::LegalIdentity;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(every_document_names_the_app_and_leaves_no_blank);

async fn every_document_names_the_app_and_leaves_no_blank(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let word = |text: &str| text.to_owned();
    let identity = LegalIdentity {
        app: word("Verde"),
        company: word("Verde Ltd"),
        email: word("hello@verde.example"),
        jurisdiction: word("Ireland"),
    };
    let texts = (house.platform().kit("kitname").unwrap().card.legal)(&identity);
    for document in [texts.terms, texts.privacy, texts.disclaimers] {
        let sections = document.sections.iter().flat_map(|section| &section.paragraphs);
        let whole = sections.map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(whole.contains("Verde") && !whole.contains(['{', '}']), "{}: {whole}", document.title);
    }
}
