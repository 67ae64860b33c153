//! Both sides of every bound.

use super::*;
use crate::food::FoodTable;

const HEADER: &str = "key\ttitle\tstate\tcategory\ttraits\tallergens\tcarb_basis\tkcal\tprotein_g\tfat_g\tcarbs_g\tfiber_g\tsugars_g\tsodium_mg\tpotassium_mg\tcalcium_mg\tiron_mg\tvitamin_b12_ug\tvitamin_d_ug\tomega_3_g\talcohol_g\tpolyols_g\tacids_g\tenergy_factors\tsource\tsource_id\tsource_title\tconfirmed\tnote";

/// A food of `kcal`, `protein/fat/carbs/fiber` and `alcohol/polyols/acids`; `?` is unknown.
fn food(kcal: f64, macros: [&str; 4], extra: [&str; 3], traits: &str, sodium: &str) -> Food {
    let [protein, fat, carbs, fiber] = macros.map(|cell| if cell == "?" { "" } else { cell });
    let [alcohol, polyols, acids] = extra;
    let row = format!(
        "food\tFood\traw\tfruit\t{traits}\t\tfiber_included\t{kcal}\t{protein}\t{fat}\t{carbs}\t{fiber}\t\t{sodium}\t\t\t\t\t\t\t{alcohol}\t{polyols}\t{acids}\t\ttest\t1\tFOOD\t\t"
    );
    let table = FoodTable::parse(&format!("{HEADER}\n{row}")).expect("the row is well formed");
    table.get(table.find("food").expect("it is there")).clone()
}

fn plain(kcal: f64, macros: [&str; 4]) -> Report {
    check(&food(kcal, macros, ["", "", ""], "", ""))
}

const NOTHING: [Finding; 0] = [];

#[test]
fn energy_is_an_error_beyond_ten_kcal_or_ten_percent() {
    // 10 g carbohydrate: 40 kcal expected. Below 100 kcal the absolute bound of 10 kcal rules.
    assert_eq!(plain(50.0, ["0", "0", "10", "0"]).errors, NOTHING);
    assert_eq!(plain(50.01, ["0", "0", "10", "0"]).errors, [Finding::EnergyMismatch]);
    assert_eq!(plain(30.0, ["0", "0", "10", "0"]).errors, NOTHING);
    assert_eq!(plain(29.99, ["0", "0", "10", "0"]).errors, [Finding::EnergyMismatch]);
    // 50 g carbohydrate and 20 g fat: 380 kcal expected; ten percent of the stated energy rules.
    assert_eq!(plain(422.2, ["0", "20", "50", "0"]).errors, NOTHING);
    assert_eq!(plain(422.3, ["0", "20", "50", "0"]).errors, [Finding::EnergyMismatch]);
    assert_eq!(plain(345.5, ["0", "20", "50", "0"]).errors, NOTHING);
    assert_eq!(plain(345.4, ["0", "20", "50", "0"]).errors, [Finding::EnergyMismatch]);
}

#[test]
fn energy_is_a_warning_beyond_five_kcal_or_five_percent() {
    assert_eq!(plain(45.0, ["0", "0", "10", "0"]).warnings, NOTHING);
    assert_eq!(plain(45.01, ["0", "0", "10", "0"]).warnings, [Finding::EnergyMismatch]);
    assert_eq!(plain(400.0, ["0", "20", "50", "0"]).warnings, NOTHING);
    assert_eq!(plain(400.1, ["0", "20", "50", "0"]).warnings, [Finding::EnergyMismatch]);
}

#[test]
fn fibre_may_count_two_to_four_kcal_and_no_less() {
    // 20 g carbohydrate, half of it fibre: 60 to 80 kcal.
    for kcal in [60.0, 70.0, 80.0] {
        assert_eq!(plain(kcal, ["0", "0", "20", "10"]).energy_gap_kcal, Some(0.0));
    }
    assert_eq!(plain(59.0, ["0", "0", "20", "10"]).energy_gap_kcal, Some(1.0));
    assert_eq!(plain(81.0, ["0", "0", "20", "10"]).energy_gap_kcal, Some(1.0));
}

#[test]
fn alcohol_polyols_and_acids_count() {
    let gap = |kcal, extra| check(&food(kcal, ["0", "0", "10", "0"], extra, "", "")).energy_gap_kcal;
    assert_eq!(gap(110.0, ["10", "", ""]), Some(0.0));
    assert_eq!(gap(24.0, ["", "10", ""]), Some(0.0));
    assert_eq!(gap(55.0, ["", "", "5"]), Some(0.0));
}

#[test]
fn impossible_numbers_are_errors() {
    assert!(plain(900.0, ["0", "100", "0", "0"]).valid());
    assert!(plain(900.0, ["0", "100.1", "0", "0"]).errors.contains(&Finding::FatAboveMass));
    assert!(plain(490.0, ["40", "10", "50.5", "0"]).valid());
    assert_eq!(plain(490.0, ["40", "10", "50.6", "0"]).errors, [Finding::MacrosAboveMass]);
    assert!(plain(40.0, ["0", "0", "10", "10.5"]).valid());
    assert_eq!(plain(40.0, ["0", "0", "10", "10.6"]).errors, [Finding::FiberAboveCarbs]);
}

#[test]
fn remarkable_numbers_are_warnings() {
    assert_eq!(plain(900.0, ["0", "100", "0", "0"]).warnings, NOTHING);
    assert_eq!(plain(901.0, ["0", "100", "0", "0"]).warnings, [Finding::HighEnergy]);
    assert_eq!(plain(340.0, ["85", "0", "0", "0"]).warnings, NOTHING);
    assert_eq!(plain(340.4, ["85.1", "0", "0", "0"]).warnings, [Finding::HighProtein]);
    assert_eq!(plain(40.0, ["0", "0", "10", "?"]).warnings, [Finding::MissingFiber]);
    assert_eq!(plain(40.0, ["0", "?", "10", "0"]).warnings, [Finding::Unchecked]);
}

#[test]
fn cured_food_must_state_its_sodium() {
    let cured = |sodium| check(&food(120.0, ["30", "0", "0", "0"], ["", "", ""], "processed_meat", sodium));
    assert_eq!(cured("").errors, [Finding::CuredWithoutSodium]);
    assert_eq!(cured("199").errors, [Finding::CuredWithoutSodium]);
    assert_eq!(cured("200").errors, NOTHING);
}

#[test]
fn the_strict_rule_is_visible_and_shown_to_be_no_judge() {
    // The founding document's bacon mixes raw energy with cooked protein, and the strict rule passes it.
    assert_eq!(plain(417.0, ["37", "30", "1.4", "0"]).atwater_strict, Some(true));
    // An ordinary avocado and fortified yeast fail it.
    assert_eq!(plain(160.0, ["2", "14.66", "8.53", "6.7"]).atwater_strict, Some(false));
    let yeast = plain(290.0, ["45", "5", "35", "27"]);
    assert_eq!((yeast.atwater_strict, yeast.valid()), (Some(false), true));
    assert_eq!(yeast.warnings, [Finding::EnergyMismatch]);
    // Both sides of its bound.
    assert_eq!(plain(50.0, ["0", "0", "10", "0"]).atwater_strict, Some(true));
    assert_eq!(plain(50.01, ["0", "0", "10", "0"]).atwater_strict, Some(false));
}
