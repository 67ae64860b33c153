//! The cookbook reader, and that diets and allergens follow from the foods.

use super::*;
use crate::nutrient::Nutrient;

const HEADER: &str = "key\ttitle\tstate\tcategory\ttraits\tallergens\tcarb_basis\tkcal\tprotein_g\tfat_g\tcarbs_g\tfiber_g\tsugars_g\tsodium_mg\tpotassium_mg\tcalcium_mg\tiron_mg\tvitamin_b12_ug\tvitamin_d_ug\tomega_3_g\talcohol_g\tpolyols_g\tacids_g\tenergy_factors\tsource\tsource_id\tsource_title\tconfirmed\tnote";

fn foods() -> FoodTable {
    let row = |key: &str, traits: &str, allergens: &str, macros: &str| {
        format!(
            "{key}\t{key}\traw\tdairy\t{traits}\t{allergens}\tfiber_included\t{macros}\t\t\t\t\t\t\t\t\t\t\t\t\ttest\t1\tX\t\t"
        )
    };
    let rows = [
        HEADER.to_owned(),
        row("milk", "dairy", "milk", "60\t3\t3\t5\t0"),
        row("bread", "grain", "gluten", "250\t10\t3\t45\t6"),
        row("tempeh", "legume,soy", "soy", "190\t20\t11\t8\t"),
        row("mystery", "", "", "100\t\t1\t1\t1"),
    ];
    FoodTable::parse(&rows.join("\n")).unwrap()
}

const TOAST: &str = "# Milk toast\nmilk_toast | breakfast | serves 2 | 5 minutes | French\n- 100 g milk\n- 80 g bread\n1. Toast the bread.\n2. Pour over the milk.\n";

#[test]
fn a_recipe_is_read_and_scaled() {
    let foods = foods();
    let book = RecipeBook::parse(&[("a.txt", TOAST)], &foods).unwrap();
    let recipe = book.get(book.find("milk_toast").unwrap());
    assert_eq!((recipe.serves, recipe.minutes, recipe.steps.len()), (2, 5, 2));
    assert_eq!(recipe.serving(&foods).value(Nutrient::Energy), Some(30.0 + 100.0));
    assert_eq!(recipe.portion(1.5).map(|one| one.grams).collect::<Vec<_>>(), [75.0, 60.0]);
}

#[test]
fn diets_and_allergens_follow_from_the_foods() {
    let foods = foods();
    let text = TOAST.to_owned()
        + "# Fried tempeh\ntempeh | snack | serves 1 | 5 minutes | Javanese\n- 90 g tempeh\n1. Fry.\n";
    let book = RecipeBook::parse(&[("a.txt", &text)], &foods).unwrap();
    let toast = book.get(book.find("milk_toast").unwrap());
    let tempeh = book.get(book.find("tempeh").unwrap());
    assert_eq!(toast.allergens(&foods), Set::of(&[Allergen::Milk, Allergen::Gluten]));
    assert!(toast.fits(&foods, Diet::Vegetarian, Set::EMPTY) && !toast.fits(&foods, Diet::Vegan, Set::EMPTY));
    assert!(!toast.fits(&foods, Diet::Standard, Set::of(&[Restriction::GlutenFree])));
    assert!(tempeh.diets(&foods).contains(Diet::Vegan));
    assert!(!tempeh.diets(&foods).contains(Diet::Keto), "its fibre is unknown, so its net carbohydrate is");
}

#[test]
fn every_fault_names_file_line_and_cure() {
    let text = "# A\na | brunch | serves 1 | 5 minutes | X\n- 10 g milk\n1. Do.\n\
                # B\nb | snack | serves 0 | 5 minutes | X\n\
                # C\nc | snack | serves 1 | 5 minutes | X\n- 10 g butter\n- 10 g mystery\n- 10 g milk\n- 5 g milk\n2. Do.\n\
                # C\nc | snack | serves 1 | 5 minutes | X\n- 10 g milk\n1. Do.\n";
    let faults = RecipeBook::parse(&[("snacks.txt", text)], &foods()).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for wanted in [
        "snacks.txt line 2: unknown slot `brunch`; use one of: breakfast, lunch, dinner, snack",
        "snacks.txt line 6: the head must read `key | slots | serves N | N minutes | cuisine`",
        "snacks.txt line 9: no food is named `butter`; add it to the food table or correct the name",
        "snacks.txt line 10: `mystery` does not know its Protein (g); a recipe cannot be counted with it",
        "snacks.txt line 12: `milk` is listed twice; add the two amounts",
        "snacks.txt line 13: expected a title `# …`, an ingredient `- 120 g food` or a step `1. …`",
        "snacks.txt line 7: `c` lacks a slot, an ingredient or a step; a dish needs at least one of each",
        "snacks.txt line 14: a recipe named `c` exists already; keys are unique over all files",
    ] {
        assert!(told.iter().any(|message| message == wanted), "missing: {wanted}\n{told:#?}");
    }
}
