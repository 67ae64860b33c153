//! Reads which tables a migration creates and whose rows they hold, and which tables it opens to a purpose of the system.

use crate::scope::Purpose;
use std::fmt::{self, Write as _};

/// A table with the roots its rows hang on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table<'sql> {
    pub(super) name: &'sql str,
    pub(super) roots: Roots,
}

/// Who may see a row. The first column is `app`, `partner` or `root` accordingly.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Roots {
    column: Option<Column>,
    purposes: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    App,
    Partner,
    /// `root` holds the id of an app, of a partner, or zero for the installation.
    Either,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Partner => "partner",
            Self::Either => "root",
        }
    }
}

/// A table of an earlier step that a purpose may look at, and perhaps delete from, whoever's the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening<'sql> {
    pub(super) table: &'sql str,
    purpose: &'static str,
    may_delete: bool,
}

/// Every `-- open: TABLE to PURPOSE for select[, delete]` of a migration; the error says what is wrong with one.
pub(super) fn parse_openings(sql: &str) -> Result<Vec<Opening<'_>>, String> {
    let openings = sql.lines().filter_map(|line| line.trim().strip_prefix("-- open:"));
    openings
        .map(|text| {
            let wrong =
                || format!("\"-- open:{text}\" must say: TABLE to PURPOSE for select, or for select, delete");
            let (table, rest) = text.trim().split_once(" to ").ok_or_else(wrong)?;
            let (name, commands) = rest.split_once(" for ").ok_or_else(wrong)?;
            let purpose = Purpose::ALL.into_iter().map(Purpose::as_str).find(|purpose| *purpose == name);
            let may_delete = match commands {
                "select" => false,
                "select, delete" => true,
                _ => return Err(wrong()),
            };
            Ok(Opening { table, purpose: purpose.ok_or_else(wrong)?, may_delete })
        })
        .collect()
}

/// Every `CREATE TABLE` of a migration; the error says what is missing.
pub(super) fn parse(sql: &str) -> Result<Vec<Table<'_>>, String> {
    let mut tables = Vec::new();
    let mut directive = None;
    let lines: Vec<_> = sql.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        if let Some(roots) = line.trim().strip_prefix("-- root:") {
            directive = Some(roots);
            continue;
        }
        let Some(rest) = line.trim().strip_prefix("CREATE TABLE ") else { continue };
        let name = rest.split([' ', '(']).next().unwrap_or_default();
        let roots =
            directive.take().ok_or_else(|| format!("table {name} needs a line \"-- root: …\" before it"))?;
        let roots = parse_roots(roots).map_err(|reason| format!("table {name}: {reason}"))?;
        let first_column =
            lines[index + 1..].iter().find_map(|line| line.split_whitespace().next()).unwrap_or_default();
        if let Some(column) = roots.column
            && column.name() != first_column
        {
            return Err(format!(
                "the first column of table {name} must be {}, as its root says",
                column.name()
            ));
        }
        tables.push(Table { name, roots });
    }
    Ok(tables)
}

fn parse_roots(text: &str) -> Result<Roots, String> {
    let mut roots = Roots::default();
    for word in text.split(',').map(str::trim) {
        let column = match word {
            "app" => Column::App,
            "partner" => Column::Partner,
            "either" => Column::Either,
            other => {
                let purpose = other.strip_prefix("system ").and_then(|name| {
                    Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == name).map(Purpose::as_str)
                });
                let purpose = purpose.ok_or_else(|| {
                    format!("\"{other}\" is no root: say app, partner, either or system PURPOSE")
                })?;
                roots.purposes.push(purpose);
                continue;
            }
        };
        if roots.column.replace(column).is_some() {
            return Err("a table hangs on one root only".to_owned());
        }
    }
    Ok(roots)
}

impl Table<'_> {
    /// Row-level security: forced, so that it also binds the owner, and granted to the working role only.
    pub(super) fn write_policies(&self, role: &str, script: &mut String) {
        // After a first transaction an unset variable reads as '', which is no uuid: hence nullif.
        let variable = |name: &str| format!("nullif(current_setting('slipway.{name}', true), '')::uuid");
        let mut terms: Vec<String> = match self.roots.column {
            Some(Column::App) => vec![format!("app = {}", variable("app"))],
            Some(Column::Partner) => vec![format!("partner = {}", variable("partner"))],
            Some(Column::Either) => {
                vec![format!("root = {}", variable("app")), format!("root = {}", variable("partner"))]
            }
            None => Vec::new(),
        };
        terms.extend(
            self.roots
                .purposes
                .iter()
                .map(|purpose| format!("current_setting('slipway.system', true) = '{purpose}'")),
        );
        let (name, rule) = (self.name, terms.join(" OR "));
        let written = write!(
            script,
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
             CREATE POLICY {name}_reach ON {name} FOR ALL TO {role} USING ({rule}) WITH CHECK ({rule});
             GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {role};\n"
        );
        written.expect("writing to a String cannot fail");
    }
}

impl Opening<'_> {
    fn policies(&self) -> impl Iterator<Item = (String, &'static str)> {
        let commands = [Some("SELECT"), self.may_delete.then_some("DELETE")];
        commands.into_iter().flatten().map(|command| {
            (format!("{}_{}_{}", self.table, self.purpose, command.to_ascii_lowercase()), command)
        })
    }

    /// Further policies beside the table's own; either lets a row through.
    pub(super) fn write_policies(&self, role: &str, script: &mut String) {
        for (policy, command) in self.policies() {
            let written = writeln!(
                script,
                "CREATE POLICY {policy} ON {} FOR {command} TO {role} USING (current_setting('slipway.system', true) = '{}');",
                self.table, self.purpose
            );
            written.expect("writing to a String cannot fail");
        }
    }

    pub(super) fn drop_policies(&self, script: &mut String) {
        for (policy, _) in self.policies() {
            let written = writeln!(script, "DROP POLICY {policy} ON {};", self.table);
            written.expect("writing to a String cannot fail");
        }
    }
}

impl fmt::Display for Opening<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands = if self.may_delete { "select, delete" } else { "select" };
        write!(formatter, "{} to {} for {commands}", self.table, self.purpose)
    }
}

impl fmt::Display for Roots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = match self.column {
            Some(Column::Either) => vec!["either".to_owned()],
            Some(column) => vec![column.name().to_owned()],
            None => Vec::new(),
        };
        let purposes = self.purposes.iter().map(|purpose| format!("system {purpose}"));
        formatter.write_str(&column.into_iter().chain(purposes).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tables_with_their_roots() {
        let sql = "-- root: app\nCREATE TABLE plans (\n    app uuid NOT NULL\n);\n\n-- root: partner, system members\nCREATE TABLE members (\n    partner uuid NOT NULL);";
        let tables = parse(sql).unwrap();
        let shown: Vec<_> = tables.iter().map(|table| (table.name, table.roots.to_string())).collect();
        assert_eq!(shown, [("plans", "app".to_owned()), ("members", "partner, system members".to_owned())]);
    }

    #[test]
    fn refuses_a_table_without_a_root_or_with_a_wrong_one() {
        for (sql, reason) in [
            ("CREATE TABLE plans (\n app uuid)", "table plans needs a line \"-- root: …\" before it"),
            (
                "-- root: app\nCREATE TABLE plans (\n plan uuid)",
                "the first column of table plans must be app, as its root says",
            ),
            (
                "-- root: house\nCREATE TABLE plans (\n app uuid)",
                "table plans: \"house\" is no root: say app, partner, either or system PURPOSE",
            ),
            (
                "-- root: system everything\nCREATE TABLE plans (\n app uuid)",
                "table plans: \"system everything\" is no root: say app, partner, either or system PURPOSE",
            ),
            (
                "-- root: app, partner\nCREATE TABLE plans (\n app uuid)",
                "table plans: a table hangs on one root only",
            ),
        ] {
            assert_eq!(parse(sql), Err(reason.to_owned()));
        }
    }

    #[test]
    fn reads_what_is_opened_and_refuses_what_is_not_well_said() {
        let sql = "-- open: notes to housekeeping for select, delete\nCREATE INDEX i ON notes (at);\n-- open: pens to objects for select";
        let openings = parse_openings(sql).unwrap();
        let shown: Vec<_> = openings.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["notes to housekeeping for select, delete", "pens to objects for select"]);
        for sql in [
            "-- open: notes",
            "-- open: notes to everybody for select",
            "-- open: notes to objects",
            "-- open: notes to objects for delete",
            "-- open: notes to objects for insert",
        ] {
            assert!(parse_openings(sql).unwrap_err().contains("must say: TABLE to PURPOSE"), "{sql}");
        }
    }
}
