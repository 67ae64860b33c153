//! Values on their way into a statement and out of a row, the same on both engines.
//!
//! It refuses to guess: a column read as the wrong type is an error, never a conversion.

use super::DbError;
use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use slipway_kernel::{Id, Identified, Ts};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A bound parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(u128),
    Instant(Ts),
    Json(String),
}

/// Collects bound parameters: `params![app, "verde", now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::db::Value::from($value)),*]
    };
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}
impl From<Ts> for Value {
    fn from(value: Ts) -> Self {
        Self::Instant(value)
    }
}
impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Self::Json(value.to_string())
    }
}
impl<T: Identified> From<Id<T>> for Value {
    fn from(value: Id<T>) -> Self {
        Self::Uuid(value.bits())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = match self {
            Self::Null => ValueRef::Null,
            Self::Boolean(value) => ValueRef::Integer(i64::from(*value)),
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Float(value) => ValueRef::Real(*value),
            Self::Text(value) | Self::Json(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Uuid(value) => {
                return Ok(ToSqlOutput::Owned(rusqlite::types::Value::Blob(value.to_be_bytes().to_vec())));
            }
            Self::Instant(value) => ValueRef::Integer(value.as_micros()),
        };
        Ok(ToSqlOutput::Borrowed(borrowed))
    }
}

/// Microseconds between the epochs of Unix (1970) and PostgreSQL (2000).
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

type BoxedError = Box<dyn Error + Sync + Send>;

/// Writes PostgreSQL's binary formats (`src/backend/utils/adt/*_send`): big-endian integers, microseconds since 2000, a
/// version byte before jsonb.
impl ToSql for Value {
    fn to_sql(&self, column: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let mismatch =
            || -> BoxedError { format!("a {self:?} was bound where PostgreSQL expects {column}").into() };
        match (self, column) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Boolean(value), &Type::BOOL) => out.extend_from_slice(&[u8::from(*value)]),
            (Self::Integer(value), &Type::INT8) => out.extend_from_slice(&value.to_be_bytes()),
            (Self::Float(value), &Type::FLOAT8) => out.extend_from_slice(&value.to_be_bytes()),
            (Self::Text(value), &Type::TEXT) => out.extend_from_slice(value.as_bytes()),
            (Self::Bytes(value), &Type::BYTEA) => out.extend_from_slice(value),
            (Self::Uuid(value), &Type::UUID) => out.extend_from_slice(&value.to_be_bytes()),
            (Self::Instant(value), &Type::TIMESTAMPTZ) => {
                let micros = value.as_micros().checked_sub(POSTGRES_EPOCH_MICROS).ok_or_else(mismatch)?;
                out.extend_from_slice(&micros.to_be_bytes());
            }
            (Self::Json(value), &Type::JSONB) => {
                out.extend_from_slice(&[1]);
                out.extend_from_slice(value.as_bytes());
            }
            _ => return Err(mismatch()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One row of a result.
pub enum Row<'row> {
    Sqlite(&'row rusqlite::Row<'row>),
    Postgres(&'row tokio_postgres::Row),
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Row")
    }
}

impl Row<'_> {
    /// Reads the column at `index` (from 0).
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column is of another type or missing.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, DbError> {
        let wrong = |reason: String| DbError::Broken(format!("column {index}: {reason}"));
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(index).map_err(|error| wrong(error.to_string()))?;
                T::from_sqlite(value)
                    .ok_or_else(|| wrong(format!("is {:?}, not {}", value.data_type(), T::NAME)))
            }
            Self::Postgres(row) => {
                let raw = row.try_get::<_, Raw<'_>>(index).map_err(|error| wrong(error.to_string()))?;
                T::from_postgres(&raw).ok_or_else(|| wrong(format!("is {}, not {}", raw.column, T::NAME)))
            }
        }
    }
}

/// A PostgreSQL column as it came over the wire.
#[derive(Debug)]
pub struct Raw<'row> {
    column: Type,
    bytes: Option<&'row [u8]>,
}

impl<'row> FromSql<'row> for Raw<'row> {
    fn from_sql(column: &Type, bytes: &'row [u8]) -> Result<Self, BoxedError> {
        Ok(Self { column: column.clone(), bytes: Some(bytes) })
    }
    fn from_sql_null(column: &Type) -> Result<Self, BoxedError> {
        Ok(Self { column: column.clone(), bytes: None })
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

impl<'row> Raw<'row> {
    fn of(&self, column: &Type) -> Option<&'row [u8]> {
        if self.column == *column { self.bytes } else { None }
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    const NAME: &'static str;
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self>;
    fn from_postgres(raw: &Raw<'_>) -> Option<Self>;
}

impl Column for bool {
    const NAME: &'static str = "boolean";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(0) => Some(false),
            ValueRef::Integer(1) => Some(true),
            _ => None,
        }
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        raw.of(&Type::BOOL).map(|bytes| bytes != [0])
    }
}

impl Column for i64 {
    const NAME: &'static str = "bigint";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        Some(Self::from_be_bytes(raw.of(&Type::INT8)?.try_into().ok()?))
    }
}

impl Column for u32 {
    const NAME: &'static str = "bigint from 0 to 4294967295";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        i64::from_sqlite(value)?.try_into().ok()
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        i64::from_postgres(raw)?.try_into().ok()
    }
}

impl Column for f64 {
    const NAME: &'static str = "double precision";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_f64().ok()
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        Some(Self::from_be_bytes(raw.of(&Type::FLOAT8)?.try_into().ok()?))
    }
}

impl Column for String {
    const NAME: &'static str = "text";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(str::to_owned)
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        Some(std::str::from_utf8(raw.of(&Type::TEXT)?).ok()?.to_owned())
    }
}

impl Column for Vec<u8> {
    const NAME: &'static str = "bytea";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().map(<[u8]>::to_vec)
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        raw.of(&Type::BYTEA).map(<[u8]>::to_vec)
    }
}

impl<const N: usize> Column for [u8; N] {
    const NAME: &'static str = "bytea of fixed length";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok()?.try_into().ok()
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        raw.of(&Type::BYTEA)?.try_into().ok()
    }
}

impl<T: Identified> Column for Id<T> {
    const NAME: &'static str = "uuid";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        Some(Self::from_bits(u128::from_be_bytes(value.as_blob().ok()?.try_into().ok()?)))
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        Some(Self::from_bits(u128::from_be_bytes(raw.of(&Type::UUID)?.try_into().ok()?)))
    }
}

impl Column for Ts {
    const NAME: &'static str = "timestamptz";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok().map(Self::from_micros)
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        let micros = i64::from_be_bytes(raw.of(&Type::TIMESTAMPTZ)?.try_into().ok()?);
        micros.checked_add(POSTGRES_EPOCH_MICROS).map(Self::from_micros)
    }
}

impl Column for serde_json::Value {
    const NAME: &'static str = "jsonb";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        serde_json::from_str(value.as_str().ok()?).ok()
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        let (version, text) = raw.of(&Type::JSONB)?.split_first()?;
        if *version == 1 { serde_json::from_slice(text).ok() } else { None }
    }
}

/// A JSON column as the engine writes it, for whoever must not lose a digit: the engines space and order it differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText(pub(crate) String);

impl Column for JsonText {
    const NAME: &'static str = "jsonb";
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(|text| Self(text.to_owned()))
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        let (version, text) = raw.of(&Type::JSONB)?.split_first()?;
        let text = if *version == 1 { std::str::from_utf8(text).ok()? } else { return None };
        Some(Self(text.to_owned()))
    }
}

impl<T: Column> Column for Option<T> {
    const NAME: &'static str = T::NAME;
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        if value == ValueRef::Null { Some(None) } else { T::from_sqlite(value).map(Some) }
    }
    fn from_postgres(raw: &Raw<'_>) -> Option<Self> {
        if raw.bytes.is_none() { Some(None) } else { T::from_postgres(raw).map(Some) }
    }
}
