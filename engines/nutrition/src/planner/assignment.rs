//! The cheapest way to fill the week's places with dishes, each dish at most a few times: a transportation problem.
//!
//! Successive shortest paths (Ahuja, Magnanti, Orlin: "Network Flows", 1993, chapter 9), with the places as the only
//! nodes: there are at most five, whatever the number of dishes.

use crate::diet::MAX_PLACES;

/// How often each dish stands in each place.
pub(super) type Servings = Vec<[usize; MAX_PLACES]>;

/// Fills every place `demand` times at the least total cost, no dish more than `most` times over all places.
/// `costs[dish][place]` is infinite where the dish may not stand; the caller has made sure that the dishes suffice.
pub(super) fn cheapest(costs: &[[f64; MAX_PLACES]], places: usize, demand: usize, most: usize) -> Servings {
    let mut flow = Flow { costs, places, most, servings: vec![[0; MAX_PLACES]; costs.len()] };
    for place in 0..places {
        for _ in 0..demand {
            flow.add_one(place);
        }
    }
    flow.servings
}

struct Flow<'a> {
    costs: &'a [[f64; MAX_PLACES]],
    places: usize,
    most: usize,
    servings: Servings,
}

impl Flow<'_> {
    /// One more serving for a place: it takes a dish that is free, or one from another place, which then takes another.
    fn add_one(&mut self, start: usize) {
        // The cheapest free dish of each place, and the cheapest dish each place could take from each other.
        let mut free = [(f64::INFINITY, 0usize); MAX_PLACES];
        let mut taken = [[(f64::INFINITY, 0usize); MAX_PLACES]; MAX_PLACES];
        for (dish, (costs, servings)) in self.costs.iter().zip(&self.servings).enumerate() {
            let has_room = servings.iter().sum::<usize>() < self.most;
            for place in 0..self.places {
                if has_room && costs[place] < free[place].0 {
                    free[place] = (costs[place], dish);
                }
                for other in 0..self.places {
                    let change = costs[place] - costs[other];
                    if servings[other] > 0 && change < taken[place][other].0 {
                        taken[place][other] = (change, dish);
                    }
                }
            }
        }
        // Bellman and Ford over the places.
        let mut distance = [f64::INFINITY; MAX_PLACES];
        let mut before = [None; MAX_PLACES];
        distance[start] = 0.0;
        for _ in 1..self.places {
            for place in 0..self.places {
                for other in 0..self.places {
                    let through = distance[place] + taken[place][other].0;
                    if through < distance[other] - 1e-12 {
                        distance[other] = through;
                        before[other] = Some((place, taken[place][other].1));
                    }
                }
            }
        }
        let total = |place: &usize| distance[*place] + free[*place].0;
        let Some(mut end) = (0..self.places).min_by(|a, b| total(a).total_cmp(&total(b))) else { return };
        if total(&end).is_infinite() {
            return;
        }
        self.servings[free[end].1][end] += 1;
        for _ in 0..self.places {
            let Some((place, dish)) = before[end] else { return };
            self.servings[dish][end] -= 1;
            self.servings[dish][place] += 1;
            end = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Dice;

    /// The least cost over all ways, one place after the other.
    fn by_trying(
        costs: &[[f64; MAX_PLACES]],
        places: usize,
        demand: usize,
        left: &mut [usize],
        from: usize,
    ) -> f64 {
        let place = from / demand;
        if place == places {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for dish in 0..costs.len() {
            if left[dish] > 0 && costs[dish][place].is_finite() {
                left[dish] -= 1;
                best = best.min(costs[dish][place] + by_trying(costs, places, demand, left, from + 1));
                left[dish] += 1;
            }
        }
        best
    }

    #[test]
    fn no_other_assignment_is_cheaper() {
        let mut dice = Dice::new(23);
        for case in 0..200 {
            let (places, dishes) = (1 + dice.below(3), 4 + dice.below(2));
            let costs: Vec<[f64; MAX_PLACES]> = (0..dishes)
                .map(|dish| {
                    std::array::from_fn(|_| {
                        let forbidden = dish > 3 && dice.below(3) == 0;
                        if forbidden { f64::INFINITY } else { dice.below(100) as f64 - 50.0 }
                    })
                })
                .collect();
            let servings = cheapest(&costs, places, 2, 2);
            let mut total = 0.0;
            for (row, costs) in servings.iter().zip(&costs) {
                assert!(row.iter().sum::<usize>() <= 2, "case {case}");
                total += (0..places)
                    .filter(|place| row[*place] > 0)
                    .map(|p| costs[p] * row[p] as f64)
                    .sum::<f64>();
            }
            assert!((0..places).all(|place| servings.iter().map(|row| row[place]).sum::<usize>() == 2));
            let least = by_trying(&costs, places, 2, &mut vec![2; dishes], 0);
            assert!((total - least).abs() < 1e-9, "case {case}: {total} instead of {least}");
        }
    }
}
