//! Everything an installation keeps, so that a test can say what a request left behind: the rows of every table and the
//! names of every stored file.

use rusqlite::types::ValueRef;
use slipway_framework::db::Location;
use slipway_framework::object::Hash;
use slipway_testkit::TestHouse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Table by table the rows as text, and the stored files under `files`. The end of a session is left out: using one
/// prolongs it, whatever is answered.
pub(crate) type Kept = BTreeMap<String, Vec<String>>;

/// A second pair of eyes on the data, past every scope and policy.
pub(crate) struct Leftovers {
    rows: Rows,
    files: PathBuf,
    /// What was seen last, so that a database that says it has not changed need not be read again.
    seen: Option<(String, Kept)>,
}

enum Rows {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Leftovers {
    pub(crate) async fn of(house: &TestHouse) -> Self {
        let rows = match house.database().location() {
            Location::File(path) => Rows::Sqlite(rusqlite::Connection::open(path).unwrap()),
            Location::Url(url) => {
                let (client, connection) =
                    tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                Rows::Postgres(client)
            }
        };
        Self { rows, files: house.database().folder().join("objects"), seen: None }
    }

    pub(crate) async fn now(&mut self) -> Kept {
        let version = self.version().await;
        let mut kept = match &self.seen {
            Some((seen, kept)) if *seen == version => kept.clone(),
            _ => match &self.rows {
                Rows::Sqlite(connection) => of_sqlite(connection),
                Rows::Postgres(client) => of_postgres(client).await,
            },
        };
        self.seen = Some((version, kept.clone()));
        let mut files = Vec::new();
        gather(&self.files, &mut files);
        files.sort();
        kept.insert("files".to_owned(), files);
        kept
    }
}

impl Leftovers {
    /// Another one after every commit; on PostgreSQL also after what was rolled back or happened in another database.
    async fn version(&self) -> String {
        match &self.rows {
            Rows::Sqlite(connection) => {
                let version: i64 = connection.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap();
                version.to_string()
            }
            Rows::Postgres(client) => {
                let snapshot = "SELECT pg_current_snapshot()::text";
                client.query_one(snapshot, &[]).await.unwrap().get(0)
            }
        }
    }
}

/// What is in one and not in the other, for a message.
pub(crate) fn difference(before: &Kept, after: &Kept) -> String {
    let mut text = String::new();
    for (table, rows) in after {
        let old = before.get(table).cloned().unwrap_or_default();
        let come = rows.iter().filter(|row| !old.contains(row));
        let gone = old.iter().filter(|row| !rows.contains(row));
        come.for_each(|row| writeln!(text, "  + {table}: {row:.300}").unwrap());
        gone.for_each(|row| writeln!(text, "  - {table}: {row:.300}").unwrap());
    }
    text
}

fn of_sqlite(connection: &rusqlite::Connection) -> Kept {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut tables = connection.prepare(tables).unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let read = |table: String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement.query_map([], |row| {
            let mut text = String::new();
            for (index, name) in names.iter().enumerate().filter(|(_, name)| is_compared(&table, name)) {
                let value = match row.get_ref(index)? {
                    ValueRef::Null => "null".to_owned(),
                    ValueRef::Integer(value) => value.to_string(),
                    ValueRef::Real(value) => value.to_string(),
                    ValueRef::Text(value) => String::from_utf8_lossy(value).into_owned(),
                    ValueRef::Blob(value) => Hash::of(value).to_string(),
                };
                write!(text, "{name}={value} ").unwrap();
            }
            Ok(text)
        });
        let mut rows: Vec<String> = rows.unwrap().collect::<Result<_, _>>().unwrap();
        rows.sort();
        (table, rows)
    };
    tables.into_iter().map(read).collect()
}

async fn of_postgres(client: &tokio_postgres::Client) -> Kept {
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
    let tables: Vec<String> = client.query(tables, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let selects = tables.iter().map(|table| {
        let row = if table.ends_with("sessions") { "(to_jsonb(t) - 'expires_at')::text" } else { "t::text" };
        format!("SELECT '{table}', {row} FROM {table} t")
    });
    let all = selects.collect::<Vec<_>>().join(" UNION ALL ");
    let mut kept: Kept = tables.iter().map(|table| (table.clone(), Vec::new())).collect();
    for message in client.simple_query(&all).await.unwrap() {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            let text = |index| row.get(index).unwrap_or_default().to_owned();
            kept.entry(text(0)).or_default().push(text(1));
        }
    }
    kept.values_mut().for_each(|rows| rows.sort());
    kept
}

fn is_compared(table: &str, column: &str) -> bool {
    !(table.ends_with("sessions") && column == "expires_at")
}

fn gather(folder: &Path, files: &mut Vec<String>) {
    let entries = fs::read_dir(folder).map(|entries| entries.map(Result::unwrap).collect());
    for entry in entries.unwrap_or_else(|_| Vec::new()) {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push(path.display().to_string());
        }
    }
}
