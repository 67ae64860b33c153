#!/usr/bin/env python3
"""Judges meal-plan requests with HiGHS, sharing no code, parser or formulation with the planner.

    printf '2000 keto omad gluten_free\\n' | python3 oracle.py DATA_DIRECTORY      # verdict per line
    printf '{...}\\n' | python3 oracle.py --lp                # optimum of a small linear program, see solve_lp
    python3 oracle.py --draw 200 7 DATA_DIRECTORY            # 200 random feasible requests of seed 7

A request line is `calories diet pattern [restriction,...]`. The verdicts:
  feasible    three days with no dish in common were found, each a mixed-integer optimum with portions in quarters;
              played 3 + 3 + 1 times they make a week (or seven days were found, one by one or all at once).
  infeasible  the weekly LP relaxation (no day index, continuous portions, each dish at most 3 times) has no solution,
              or no single day has one, or the full mixed-integer week has none.
  undecided   no certificate was found in 20 s.
"""
import csv
import json
import pathlib
import random
import sys

import highspy
import numpy as np

INF = highspy.kHighsInf
AMDR = {"protein": (0.10, 0.35), "fat": (0.20, 0.35), "carbs": (0.45, 0.65)}
MACROS = {
    "standard": AMDR,
    "vegetarian": AMDR,
    "vegan": AMDR,
    "mediterranean": {"protein": (0.10, 0.30), "fat": (0.28, 0.45), "carbs": (0.35, 0.60)},
    "paleo": {"protein": (0.19, 0.35), "fat": (0.28, 0.58), "carbs": (0.22, 0.40)},
    "keto": {"protein": (0.10, 0.35), "fat": (0.55, 0.85), "carbs": (0.0, 1.0)},
}
BARRED_TRAITS = {
    "standard": "",
    "vegetarian": "poultry red_meat pork processed_meat fish shellfish gelatine animal_rennet",
    "vegan": "poultry red_meat pork processed_meat fish shellfish gelatine animal_rennet dairy butterfat egg honey",
    "mediterranean": "red_meat pork processed_meat butterfat refined_sugar refined_oil tropical_fat",
    "paleo": "grain pseudo_grain legume peanut soy dairy butterfat animal_rennet potato processed_meat refined_sugar "
    "refined_oil alcohol fortified",
    "keto": "grain pseudo_grain potato honey refined_sugar",
}
BARRED_ALLERGENS = {
    "gluten_free": "gluten",
    "dairy_free": "milk",
    "egg_free": "eggs",
    "fish_free": "fish",
    "shellfish_free": "crustaceans molluscs",
    "nut_free": "tree_nuts",
    "peanut_free": "peanuts",
    "soy_free": "soy",
    "sesame_free": "sesame",
    "celery_free": "celery",
    "mustard_free": "mustard",
    "sulphite_free": "sulphites",
    "lupin_free": "lupin",
}
RESTRICTED_TRAITS = {"pork_free": "pork", "alcohol_free": "alcohol"}
PATTERNS = {
    "3_meals": [("breakfast", 0.20, 0.40), ("lunch", 0.25, 0.45), ("dinner", 0.25, 0.45)],
    "3_meals_2_snacks": [("breakfast", 0.15, 0.35), ("snack", 0.05, 0.15), ("lunch", 0.20, 0.40),
                         ("snack", 0.05, 0.15), ("dinner", 0.20, 0.40)],
    "5_small_meals": [("breakfast", 0.12, 0.28), ("snack", 0.12, 0.28), ("lunch", 0.12, 0.28),
                      ("snack", 0.12, 0.28), ("dinner", 0.12, 0.28)],
    "2_meals": [("lunch", 0.25, 0.55), ("snack", 0.05, 0.25), ("dinner", 0.25, 0.55), ("snack", 0.05, 0.25)],
    "omad": [("dinner", 0.30, 0.60), ("lunch", 0.20, 0.50), ("snack", 0.05, 0.25)],
}


def read_foods(directory):
    with open(directory / "foods.tsv", encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def read_recipes(directory):
    recipes = []
    for path in sorted((directory / "recipes").glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n# "):
            lines = block.lstrip("# ").splitlines()
            key, slots, serves = [part.strip() for part in lines[1].split("|")][:3]
            ingredients = [line[2:].split(" g ") for line in lines if line.startswith("- ")]
            serves = int(serves.split()[1])
            recipes.append((key, {s.strip() for s in slots.split(",")},
                            [(food, float(grams) / serves) for grams, food in ingredients]))
    return recipes


def allowed(foods, recipe, diet, restrictions):
    for key, _ in recipe[2]:
        food = foods[key]
        traits, allergens = set(food["traits"].split(",")), set(food["allergens"].split(","))
        if traits & set(BARRED_TRAITS[diet].split()):
            return False
        if diet == "keto" and "" in (food["carbs_g"], food["fiber_g"]):
            return False
        for restriction in restrictions:
            if allergens & set(BARRED_ALLERGENS.get(restriction, "").split()):
                return False
            if traits & set(RESTRICTED_TRAITS.get(restriction, "").split()):
                return False
    return True


def facts(foods, recipe):
    """kcal, protein, fat, carbs, net carbs per serving."""
    total = np.zeros(5)
    for key, grams in recipe[2]:
        food = foods[key]
        kcal, protein, fat, carbs = (float(food[n]) for n in ("kcal", "protein_g", "fat_g", "carbs_g"))
        fiber = float(food["fiber_g"] or 0) if food["carb_basis"] == "fiber_included" else 0.0
        total += np.array([kcal, protein, fat, carbs, max(0.0, carbs - fiber)]) * grams / 100
    return total


def rows(calories, diet):
    """Index into facts, lower and upper bound of each daily row."""
    macros = MACROS[diet]
    result = [(0, 0.95 * calories, 1.05 * calories)]
    for index, name, kcal_per_g in ((1, "protein", 4), (2, "fat", 9), (3, "carbs", 4)):
        low, high = macros[name]
        if (low, high) != (0.0, 1.0):
            result.append((index, low * calories / kcal_per_g, high * calories / kcal_per_g))
    if diet == "keto":
        result.append((4, 0.0, 20.0))
    return result


def choices(foods, recipes, calories, diet, pattern, restrictions):
    """One list per place of the day: (recipe index, facts, lowest and highest number of quarter servings)."""
    pool = [(i, facts(foods, r), r[1]) for i, r in enumerate(recipes) if allowed(foods, r, diet, restrictions)]
    places = []
    for slot, low, high in PATTERNS[pattern]:
        place = []
        for index, values, slots in pool:
            if slot in slots:
                first = max(2, int(np.ceil(low * calories / values[0] * 4 - 1e-9)))
                last = min(12, int(np.floor(high * calories / values[0] * 4 + 1e-9)))
                if first <= last:
                    place.append((index, values, first, last))
        places.append(place)
    return places


class Model:
    def __init__(self):
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("time_limit", 20.0)
        self.columns = 0

    def column(self, low, high, integer=False, cost=0.0):
        self.highs.addVar(low, high)
        if integer:
            self.highs.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        if cost:
            self.highs.changeColCost(self.columns, cost)
        self.columns += 1
        return self.columns - 1

    def row(self, low, high, terms):
        self.highs.addRow(low, high, len(terms), np.array([t[0] for t in terms], dtype=np.int32),
                          np.array([t[1] for t in terms], dtype=np.float64))

    def solve(self):
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(self.highs.getSolution().col_value)
        return False if status == highspy.HighsModelStatus.kInfeasible else None


def day(places, ranges, banned):
    """Recipes of one feasible day with portions in quarters; False if there is none, None if time ran out."""
    model, picks, uses = Model(), [], {}
    sums = [[] for _ in ranges]
    for place in places:
        one = []
        for index, values, first, last in place:
            if index in banned:
                continue
            pick = model.column(0, 1, integer=True)
            quarters = model.column(0, last, integer=True)
            model.row(-INF, 0, [(quarters, 1), (pick, -last)])
            model.row(0, INF, [(quarters, 1), (pick, -first)])
            one.append((pick, 1.0))
            uses.setdefault(index, []).append((pick, 1.0))
            picks.append((pick, index))
            for terms, (row, _, _) in zip(sums, ranges):
                terms.append((quarters, values[row] / 4))
        if not one:
            return False
        model.row(1, 1, one)
    for terms in uses.values():
        if len(terms) > 1:
            model.row(-INF, 1, terms)
    for terms, (_, low, high) in zip(sums, ranges):
        model.row(low, high, terms)
    solution = model.solve()
    if solution is None or solution is False:
        return solution
    return [index for column, index in picks if solution[column] > 0.5]


def whole_week(places, ranges):
    """The full model, day by place by dish: slow, exact, and asked only when the quick certificates fail."""
    model, week = Model(), {}
    for _ in range(7):
        today, sums = {}, [[] for _ in ranges]
        for place in places:
            one = []
            for index, values, first, last in place:
                pick = model.column(0, 1, integer=True)
                quarters = model.column(0, last, integer=True)
                model.row(-INF, 0, [(quarters, 1), (pick, -last)])
                model.row(0, INF, [(quarters, 1), (pick, -first)])
                one.append((pick, 1.0))
                today.setdefault(index, []).append((pick, 1.0))
                week.setdefault(index, []).append((pick, 1.0))
                for terms, (row, _, _) in zip(sums, ranges):
                    terms.append((quarters, values[row] / 4))
            model.row(1, 1, one)
        for terms in today.values():
            model.row(-INF, 1, terms)
        for terms, (_, low, high) in zip(sums, ranges):
            model.row(low, high, terms)
    for terms in week.values():
        model.row(-INF, 3, terms)
    solution = model.solve()
    return "undecided" if solution is None else "infeasible" if solution is False else "feasible"


def week_relaxation_is_empty(places, ranges):
    model, uses = Model(), {}
    sums = [[] for _ in ranges]
    for place in places:
        one = []
        for index, values, first, last in place:
            times = model.column(0, 3)
            quarters = model.column(0, 3 * last)
            model.row(-INF, 0, [(quarters, 1), (times, -last)])
            model.row(0, INF, [(quarters, 1), (times, -first)])
            one.append((times, 1.0))
            uses.setdefault(index, []).append((times, 1.0))
            for terms, (row, _, _) in zip(sums, ranges):
                terms.append((quarters, values[row] / 4))
        if not one:
            return True
        model.row(7, 7, one)
    for terms in uses.values():
        model.row(-INF, 3, terms)
    for terms, (_, low, high) in zip(sums, ranges):
        model.row(7 * low, 7 * high, terms)
    return model.solve() is False


def verdict(foods, recipes, calories, diet, pattern, restrictions):
    places = choices(foods, recipes, calories, diet, pattern, restrictions)
    ranges = rows(calories, diet)
    if week_relaxation_is_empty(places, ranges):
        return "infeasible"
    banned = set()
    for _ in range(3):
        found = day(places, ranges, banned)
        if not found:
            break
        banned |= set(found)
    else:
        return "feasible"
    counts = {}
    for _ in range(7):
        found = day(places, ranges, {index for index, times in counts.items() if times >= 3})
        if not found:
            return "infeasible" if found is False and not counts else whole_week(places, ranges)
        for index in found:
            counts[index] = counts.get(index, 0) + 1
    return "feasible"


def solve_lp(problem):
    """min base + cost·x, low <= A x <= high, 0 <= x <= bound: the optimum, or `infeasible`."""
    model = Model()
    for cost, bound in zip(problem["cost"], problem["bound"]):
        model.column(0, bound, cost=cost)
    for low, high, coefficients in problem["rows"]:
        model.row(low, high, list(enumerate(coefficients)))
    solution = model.solve()
    return "infeasible" if solution is False else repr(problem["base"] + float(np.dot(solution, problem["cost"])))


def draw(count, seed, foods, recipes):
    """Prints random requests that are feasible: 1,200 to 3,500 kcal, any diet and pattern, up to three restrictions."""
    dice = random.Random(seed)
    restrictions = sorted(BARRED_ALLERGENS | RESTRICTED_TRAITS)
    while count:
        calories = dice.randrange(1200, 3501, 50)
        diet, pattern = dice.choice(sorted(MACROS)), dice.choice(sorted(PATTERNS))
        chosen = sorted(dice.sample(restrictions, dice.randrange(4)))
        if verdict(foods, recipes, calories, diet, pattern, chosen) == "feasible":
            print(calories, diet, pattern, ",".join(chosen))
            count -= 1


def main(arguments):
    if arguments == ["--lp"]:
        for line in sys.stdin:
            print(solve_lp(json.loads(line)), flush=True)
        return
    directory = pathlib.Path(arguments[-1])
    foods, recipes = read_foods(directory), read_recipes(directory)
    if arguments[0] == "--draw":
        draw(int(arguments[1]), int(arguments[2]), foods, recipes)
        return
    for line in sys.stdin:
        calories, diet, pattern, *rest = line.split()
        restrictions = rest[0].split(",") if rest else []
        print(verdict(foods, recipes, int(calories), diet, pattern, restrictions), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
