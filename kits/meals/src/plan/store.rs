//! All SQL of plans. Every statement names the account too: an app's users do not see each other's plans.

use super::document::Document;
use super::{ListedPlan, NewPlan, PlanId, PlanRecord};
use serde_json::{Value as Json, json};
use slipway_framework::db::{DbError, Read, Row, Tx};
use slipway_framework::scope::AppScope;
use slipway_framework::{params, statements};
use slipway_kernel::{AccountId, Limit, Page};
use slipway_nutrition::{Diet, Pattern, Request, Restriction, Set, UnknownWord, Word};

statements! {
    INSERT = "INSERT INTO meal_plans (app, plan, account, calories, diet_type, meal_pattern, restrictions, variation, meal_data,
        nutritional_totals, shopping_list, generation_duration_s, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    FIND = "SELECT calories, diet_type, meal_pattern, restrictions, variation, created_at, meal_data, nutritional_totals,
        shopping_list, generation_duration_s FROM meal_plans WHERE app = $1 AND account = $2 AND plan = $3";
    LIST = "SELECT calories, diet_type, meal_pattern, restrictions, variation, created_at, plan FROM meal_plans
        WHERE app = $1 AND account = $2 AND plan < $3 ORDER BY plan DESC LIMIT $4";
    DELETE = "DELETE FROM meal_plans WHERE app = $1 AND account = $2 AND plan = $3";
    ERASE = "DELETE FROM meal_plans WHERE (app, plan) IN (SELECT app, plan FROM meal_plans WHERE app = $1 LIMIT $2)";
}

pub(super) fn insert(tx: &mut Tx<AppScope>, plan: PlanId, new: &NewPlan) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    let NewPlan { account, request, document, generation_duration_s } = new;
    let restrictions: Vec<_> = request.restrictions.iter().map(Word::key).collect();
    let (restrictions, variation) = (json!(restrictions), seed_to_stored(request.seed)?);
    let (diet, pattern) = (request.diet.key(), request.pattern.key());
    let Document { meal_data, totals, shopping_list } = document.clone();
    tx.execute(
        &INSERT,
        params![
            app,
            plan,
            *account,
            request.calories,
            diet,
            pattern,
            restrictions,
            variation,
            meal_data,
            totals,
            shopping_list,
            *generation_duration_s,
            now
        ],
    )?;
    Ok(())
}

pub(super) fn find(
    read: &Read<AppScope>,
    account: AccountId,
    plan: PlanId,
) -> Result<Option<PlanRecord>, DbError> {
    read.one(&FIND, params![read.app(), account, plan], |row| {
        Ok(PlanRecord {
            plan,
            request: request(row)?,
            created_at: row.get(5)?,
            document: Document { meal_data: row.get(6)?, totals: row.get(7)?, shopping_list: row.get(8)? },
            generation_duration_s: row.get(9)?,
        })
    })
}

/// The user's plans, newest first.
pub(super) fn list(
    read: &Read<AppScope>,
    account: AccountId,
    after: Option<PlanId>,
    limit: Limit,
) -> Result<Page<ListedPlan>, DbError> {
    let after = after.unwrap_or(PlanId::from_bits(u128::MAX));
    let rows = read.all(&LIST, params![read.app(), account, after, limit.rows_and_one()], |row| {
        Ok(ListedPlan { plan: row.get(6)?, request: request(row)?, created_at: row.get(5)? })
    })?;
    Ok(Page::of(rows, limit, |last| last.plan.to_string()))
}

/// Whether there was anything to delete.
pub(super) fn delete(tx: &mut Tx<AppScope>, account: AccountId, plan: PlanId) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&DELETE, params![app, account, plan])? == 1)
}

/// The request in the first five columns.
fn request(row: &Row<'_>) -> Result<Request, DbError> {
    let words: Json = row.get(3)?;
    let words = words.as_array().into_iter().flatten().filter_map(Json::as_str);
    Ok(Request {
        calories: row.get(0)?,
        diet: Diet::parse(&row.get::<String>(1)?).map_err(unknown)?,
        pattern: Pattern::parse(&row.get::<String>(2)?).map_err(unknown)?,
        restrictions: words.map(Restriction::parse).collect::<Result<Set<_>, _>>().map_err(unknown)?,
        seed: u64::from(row.get::<u32>(4)?),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn unknown(error: UnknownWord) -> DbError {
    DbError::Broken(format!("a stored plan: {error}"))
}

fn seed_to_stored(seed: u64) -> Result<u32, DbError> {
    u32::try_from(seed).map_err(|_| DbError::Broken(format!("{seed} is no variation")))
}

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}
