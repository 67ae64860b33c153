//! Tables whose rows stay as they were written: `-- append only: TABLE but COLUMN, COLUMN once by PURPOSE` in a migration.
//!
//! PostgreSQL takes the right to change and delete away from the working role and opens the named columns to the purpose as
//! long as they are empty; SQLite, which has no roles, refuses the same in triggers. It does not stop the owner of the
//! database, who can undo both: that is what seals are for.

use crate::scope::Purpose;
use std::fmt::Write as _;

/// A table of this or an earlier step whose rows are only added.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AppendOnly<'sql> {
    pub(super) table: &'sql str,
    /// What is filled in later, once.
    columns: Vec<&'sql str>,
    purpose: &'static str,
}

/// Every `-- append only:` of a migration; the error says what is wrong with one.
pub(super) fn parse(sql: &str) -> Result<Vec<AppendOnly<'_>>, String> {
    let lines = sql.lines().filter_map(|line| line.trim().strip_prefix("-- append only:"));
    lines
        .map(|text| {
            let wrong =
                || format!("\"-- append only:{text}\" must say: TABLE but COLUMN, COLUMN once by PURPOSE");
            let (table, rest) = text.trim().split_once(" but ").ok_or_else(wrong)?;
            let (columns, name) = rest.split_once(" once by ").ok_or_else(wrong)?;
            let purpose = Purpose::ALL.into_iter().map(Purpose::as_str).find(|purpose| *purpose == name);
            let columns: Vec<_> = columns.split(',').map(str::trim).collect();
            let is_word = |word: &str| word.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
            if !is_word(table) || !columns.iter().all(|column| is_word(column) && !column.is_empty()) {
                return Err(wrong());
            }
            Ok(AppendOnly { table, columns, purpose: purpose.ok_or_else(wrong)? })
        })
        .collect()
}

impl AppendOnly<'_> {
    /// The names end in what each policy is for; the last one narrows what the others and the table's own let through.
    fn policies(&self) -> [String; 3] {
        ["read", "fill", "once"].map(|end| format!("{}_{}_{end}", self.table, self.purpose))
    }

    pub(super) fn write_policies(&self, role: &str, script: &mut String) {
        let table = self.table;
        let [read, fill, once] = self.policies();
        let own = format!("current_setting('slipway.system', true) = '{}'", self.purpose);
        let empty: String = self.columns.iter().map(|column| format!(" AND {column} IS NULL")).collect();
        let written = write!(
            script,
            "REVOKE UPDATE, DELETE ON {table} FROM {role};
             GRANT UPDATE ({}) ON {table} TO {role};
             CREATE POLICY {read} ON {table} FOR SELECT TO {role} USING ({own});
             CREATE POLICY {fill} ON {table} FOR UPDATE TO {role} USING ({own});
             CREATE POLICY {once} ON {table} AS RESTRICTIVE FOR UPDATE TO {role} USING ({own}{empty}) WITH CHECK ({own});\n",
            self.columns.join(", "),
        );
        written.expect("writing to a String cannot fail");
    }

    pub(super) fn drop_policies(&self, role: &str, script: &mut String) {
        for policy in self.policies() {
            let _ = writeln!(script, "DROP POLICY {policy} ON {};", self.table);
        }
        let _ = writeln!(script, "GRANT UPDATE, DELETE ON {} TO {role};", self.table);
    }

    fn triggers(&self) -> [String; 3] {
        ["stays", "is_kept", "once"].map(|end| format!("{}_{end}", self.table))
    }

    /// `all` are the columns the table has.
    pub(super) fn write_triggers(&self, all: &[String], script: &mut String) {
        let table = self.table;
        let [stays, is_kept, once] = self.triggers();
        let kept: Vec<_> =
            all.iter().map(String::as_str).filter(|column| !self.columns.contains(column)).collect();
        let filled: Vec<_> = self.columns.iter().map(|column| format!("OLD.{column} IS NOT NULL")).collect();
        let refuse = format!("BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;");
        let written = write!(
            script,
            "CREATE TRIGGER {stays} BEFORE DELETE ON {table} {refuse}
             CREATE TRIGGER {is_kept} BEFORE UPDATE OF {} ON {table} {refuse}
             CREATE TRIGGER {once} BEFORE UPDATE ON {table} WHEN {} {refuse}\n",
            kept.join(", "),
            filled.join(" OR "),
        );
        written.expect("writing to a String cannot fail");
    }

    pub(super) fn drop_triggers(&self, script: &mut String) {
        for trigger in self.triggers() {
            let _ = writeln!(script, "DROP TRIGGER {trigger};");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_filled_once_and_refuses_what_is_not_well_said() {
        let sql =
            "-- append only: notes but seal, mark once by audit\nALTER TABLE notes ADD COLUMN seal bytea;";
        let expected = AppendOnly { table: "notes", columns: vec!["seal", "mark"], purpose: "audit" };
        assert_eq!(parse(sql), Ok(vec![expected]));
        for sql in [
            "-- append only: notes",
            "-- append only: notes but seal",
            "-- append only: notes but seal once by everybody",
            "-- append only: notes but seal, once by audit",
            "-- append only: notes; but seal once by audit",
        ] {
            assert!(parse(sql).unwrap_err().contains("must say: TABLE but COLUMN"), "{sql}");
        }
    }

    #[test]
    fn sqlite_refuses_what_is_not_the_first_filling() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let mut script =
            "CREATE TABLE notes (note INTEGER, seal BLOB); INSERT INTO notes VALUES (1, NULL);".to_owned();
        let rules = parse("-- append only: notes but seal once by audit").unwrap();
        rules[0].write_triggers(&["note".to_owned(), "seal".to_owned()], &mut script);
        connection.execute_batch(&script).unwrap();
        for (sql, is_taken) in [
            ("DELETE FROM notes", false),
            ("UPDATE notes SET note = 2", false),
            ("UPDATE notes SET seal = x'00'", true),
            ("UPDATE notes SET seal = x'01'", false),
            ("UPDATE notes SET seal = NULL", false),
            ("INSERT INTO notes VALUES (2, NULL)", true),
        ] {
            assert_eq!(connection.execute_batch(sql).is_ok(), is_taken, "{sql}");
        }
    }
}
