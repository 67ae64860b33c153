//! The table reader: what it accepts, and that every fault is named with its place.

use super::*;
use crate::vocabulary::Word;

const HEADER: &str = "key\ttitle\tstate\tcategory\ttraits\tallergens\tcarb_basis\tkcal\tprotein_g\tfat_g\tcarbs_g\tfiber_g\tsugars_g\tsodium_mg\tpotassium_mg\tcalcium_mg\tiron_mg\tvitamin_b12_ug\tvitamin_d_ug\tomega_3_g\talcohol_g\tpolyols_g\tacids_g\tenergy_factors\tsource\tsource_id\tsource_title\tconfirmed\tnote";

fn row(key: &str, state: &str, carbs: &str, fiber: &str) -> String {
    let mut cells =
        vec![key, "Food", state, "fruit", "honey", "milk,eggs", "fiber_included", "100", "1", "2", carbs];
    cells.push(fiber);
    cells.extend([
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "usda_sr28",
        "09001",
        "FOOD",
        "fiber_g=sr_legacy",
    ]);
    cells.push("");
    cells.join("\t")
}

fn parse(rows: &[String]) -> Result<FoodTable, Vec<TableError>> {
    FoodTable::parse(&[&[HEADER.to_owned()], rows].concat().join("\n"))
}

#[test]
fn a_row_is_read_and_empty_cells_are_unknown() {
    let table = parse(&[row("honey", "raw", "20", "")]).unwrap();
    let food = table.get(table.find("honey").unwrap());
    assert_eq!(food.state, State::Raw);
    assert_eq!(food.allergens, Set::of(&[Allergen::Eggs, Allergen::Milk]));
    assert_eq!(food.facts.get(Nutrient::Carbs), Some(20.0));
    assert_eq!(food.facts.get(Nutrient::Fiber), None);
    assert_eq!(food.facts.get(Nutrient::NetCarbs), None, "unknown fibre makes net carbohydrate unknown");
    assert_eq!(food.source.confirmed, [("fiber_g".to_owned(), "sr_legacy".to_owned())]);
}

#[test]
fn an_estimate_never_replaces_a_value() {
    let table = parse(&[row("unknown", "raw", "20", ""), row("known", "raw", "20", "0")]).unwrap();
    let estimate = |key: &str| table.get(table.find(key).unwrap()).estimated_fiber();
    assert_eq!(estimate("unknown"), Some(EstimatedFiber { fiber_g: 2.5 }));
    assert_eq!(estimate("known"), None);
}

#[test]
fn every_fault_names_its_line_column_and_cure() {
    let faults = parse(&[
        row("good", "raw", "1", "1"),
        row("good", "raw", "1", "1"),
        row("steamed", "steamed", "1", "1"),
        row("negative", "raw", "-1", "1"),
        row("words", "raw", "ten", "1"),
        "short\trow".to_owned(),
        row("", "raw", "1", "1"),
    ])
    .unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 6, "{told:#?}");
    assert_eq!(
        told[0],
        "food table line 3, column `key`: `good` is already defined on line 2; keep one of the two rows"
    );
    assert_eq!(
        told[1],
        "food table line 4, column `state`: unknown state `steamed`; use one of: raw, cooked, as_sold"
    );
    assert!(told[2].starts_with("food table line 5, column `carbs_g`: `-1` is not a number"), "{}", told[2]);
    assert!(told[3].starts_with("food table line 6, column `carbs_g`: `ten`"), "{}", told[3]);
    assert!(told[4].contains("the row has 2 cells, the header 29"), "{}", told[4]);
    assert!(told[5].starts_with("food table line 8, column `key`: the cell is empty"), "{}", told[5]);
    let headless = FoodTable::parse("key\ttitle").unwrap_err();
    assert!(headless.iter().any(|error| error.column == "fiber_g"));
}

#[test]
fn the_allergens_are_the_fourteen_of_the_regulation() {
    assert_eq!(Allergen::ALL.len(), 14);
}
