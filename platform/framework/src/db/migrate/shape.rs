//! What the steps make of each table, column by column: what is needed to copy rows without knowing whose module they are.
//!
//! It reads the house's own spelling, one column a line; whoever copies compares the result with what the engine says, so a spelling
//! that is not read here is refused there and never skipped.

use super::{Migration, MigrationError, Migrations};

/// The types of the portable subset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Uuid,
    Bytes,
    Instant,
    Boolean,
    Json,
    Float,
    Integer,
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnShape {
    pub(crate) name: String,
    pub(crate) of: ColumnType,
}

/// A table as it is after the last step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableShape {
    pub(crate) name: String,
    /// As the directive says: `app`, `partner`, `either, system jobs`.
    pub(crate) roots: String,
    pub(crate) columns: Vec<ColumnShape>,
    /// The columns of the primary key; rows are copied in their order.
    pub(crate) key: Vec<String>,
}

impl TableShape {
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }
}

/// Every table, those that others point at before them, as they were created.
pub(crate) fn shapes(migrations: &Migrations) -> Result<Vec<TableShape>, MigrationError> {
    let mut shapes = Vec::new();
    for step in &migrations.0 {
        read(step, &mut shapes).map_err(|reason| step.malformed(reason))?;
    }
    Ok(shapes)
}

fn read(step: &Migration, shapes: &mut Vec<TableShape>) -> Result<(), String> {
    let roots = step.tables().map_err(|error| error.to_string())?;
    let mut open: Option<TableShape> = None;
    for line in step.sql.lines().map(str::trim).filter(|line| !line.starts_with("--")) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let name = rest.split([' ', '(']).next().unwrap_or_default().to_owned();
            let root = roots.iter().find(|table| table.name == name);
            let roots = root.map(|table| table.roots.to_string()).unwrap_or_default();
            open = Some(TableShape { name, roots, columns: Vec::new(), key: Vec::new() });
        } else if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
            let Some((name, column)) = rest.split_once(" ADD COLUMN ") else { continue };
            let shape = shapes.iter_mut().find(|shape| shape.name == name);
            let shape = shape.ok_or_else(|| format!("table {name} is not there"))?;
            shape.columns.push(column_of(column).ok_or_else(|| format!("no column is read from: {line}"))?);
        } else if let Some(shape) = &mut open {
            if let Some(key) = line.strip_prefix("PRIMARY KEY (").and_then(|rest| rest.split(')').next()) {
                shape.key = key.split(',').map(|name| name.trim().to_owned()).collect();
            } else if let Some(column) = column_of(line) {
                shape.columns.push(column);
            }
        }
        if line.ends_with(';') {
            shapes.extend(open.take());
        }
    }
    Ok(())
}

fn column_of(line: &str) -> Option<ColumnShape> {
    let mut words = line.split([' ', ',', ';']).filter(|word| !word.is_empty());
    let name = words.next()?;
    if !name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_') {
        return None;
    }
    let of = match words.next()? {
        "uuid" => ColumnType::Uuid,
        "bytea" => ColumnType::Bytes,
        "timestamptz" => ColumnType::Instant,
        "boolean" => ColumnType::Boolean,
        "jsonb" => ColumnType::Json,
        "double" => ColumnType::Float,
        "bigint" => ColumnType::Integer,
        "text" => ColumnType::Text,
        _ => return None,
    };
    Some(ColumnShape { name: name.to_owned(), of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_columns_keys_and_what_is_added_later() {
        let first = "-- root: app\nCREATE TABLE notes (\n    app uuid NOT NULL,\n    -- A word.\n    note uuid NOT NULL,\n    weight_g double precision NOT NULL CHECK (weight_g >= 0),\n    PRIMARY KEY (app, note),\n    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE\n);\nCREATE INDEX notes_by ON notes (note);";
        let second = "ALTER TABLE notes ADD COLUMN read_at timestamptz;";
        let step = |number, sql| Migration { module: "notes", number, name: "step", sql };
        let shapes = shapes(&Migrations::of([step(1, first), step(2, second)])).unwrap();
        let [shape] = &shapes[..] else { panic!("{shapes:?}") };
        let columns: Vec<_> = shape.columns.iter().map(|column| (column.name.as_str(), column.of)).collect();
        let expected = [
            ("app", ColumnType::Uuid),
            ("note", ColumnType::Uuid),
            ("weight_g", ColumnType::Float),
            ("read_at", ColumnType::Instant),
        ];
        assert_eq!(columns, expected);
        assert_eq!(
            (shape.roots.as_str(), &shape.key[..]),
            ("app", &["app".to_owned(), "note".to_owned()][..])
        );
    }
}
