//! The engine on the shipped table and cookbook.

mod data;
mod oracle;
mod plans;

use std::sync::LazyLock;

use slipway_nutrition::Kitchen;

/// The meals kit's data, as the kit embeds them.
pub(crate) static KITCHEN: LazyLock<Kitchen> = LazyLock::new(|| {
    Kitchen::parse(
        include_str!("../../../../kits/meals/data/foods.tsv"),
        &[
            ("breakfasts.txt", include_str!("../../../../kits/meals/data/recipes/breakfasts.txt")),
            ("lunches.txt", include_str!("../../../../kits/meals/data/recipes/lunches.txt")),
            ("dinners.txt", include_str!("../../../../kits/meals/data/recipes/dinners.txt")),
            ("snacks.txt", include_str!("../../../../kits/meals/data/recipes/snacks.txt")),
        ],
    )
    .expect("the shipped data parse")
});
