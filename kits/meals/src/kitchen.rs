//! The foods and recipes this kit ships, read once. It refuses to change them while the server runs: every plan of one
//! program is made from the same table.

use slipway_nutrition::Kitchen;
use std::sync::LazyLock;

static KITCHEN: LazyLock<Kitchen> = LazyLock::new(|| {
    let recipes = [
        ("breakfasts.txt", include_str!("../data/recipes/breakfasts.txt")),
        ("lunches.txt", include_str!("../data/recipes/lunches.txt")),
        ("dinners.txt", include_str!("../data/recipes/dinners.txt")),
        ("snacks.txt", include_str!("../data/recipes/snacks.txt")),
    ];
    Kitchen::parse(include_str!("../data/foods.tsv"), &recipes)
        .expect("the shipped data have no fault: every test of this kit reads them")
});

/// The shipped kitchen.
#[must_use]
pub fn kitchen() -> &'static Kitchen {
    &KITCHEN
}
