//! All SQL of the proofs' own look at the tables. It names every module's tables, because it judges them all.
//!
//! The texts are not prepared by the program and not counted among its statements: they are another's view of its data.

use super::record_id;
use rusqlite::OpenFlags;
use slipway_kernel::{AccountId, AppId, Id, Identified};
use std::path::Path;
use thiserror::Error;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A row of the peer's own table.
pub(crate) const PEER_ROW: &str = "INSERT INTO records (id, account, title, amount, created) VALUES (?1, 'acc', ?2, ?3, '2026-01-01 00:00:00.000Z')";

/// Why the tables cannot be read.
#[derive(Debug, Error)]
pub(crate) enum JudgeError {
    #[error("the SQLite file cannot be read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("PostgreSQL cannot be read: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    #[error("`{0}` is not what it should be")]
    Malformed(String),
}

/// The builder keeps its own to itself.
#[derive(Debug)]
enum ReleaseMarker {}
impl Identified for ReleaseMarker {
    const PREFIX: &'static str = "rel";
}

/// A reading connection of its own, with an owner's view.
pub(crate) enum Judge {
    Sqlite(Box<rusqlite::Connection>),
    Postgres(tokio_postgres::Client),
}

/// A record as it stands in its table.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) app: String,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) amount: i64,
    pub(super) content: Option<String>,
}

impl Judge {
    pub(crate) fn sqlite(data: &Path) -> Result<Self, JudgeError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(data.join("slipway.db"), flags)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA busy_timeout = 5000;")?;
        Ok(Self::Sqlite(Box::new(connection)))
    }

    pub(crate) async fn postgres(url: &str) -> Result<Self, JudgeError> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    /// An app and one of its users.
    pub(crate) async fn anybody(&self) -> Result<(AppId, AccountId), JudgeError> {
        let sql = format!("SELECT {}, {} FROM accounts LIMIT 1", self.uuid("app"), self.uuid("account"));
        let rows = self.rows(&sql).await?;
        let bits = |at: usize| {
            let text = rows.first().and_then(|row| row.get(at)?.clone()).unwrap_or_default();
            u128::from_str_radix(&text, 16).map_err(|_| JudgeError::Malformed(text))
        };
        Ok((AppId::from_bits(bits(0)?), AccountId::from_bits(bits(1)?)))
    }

    /// The process that all of the database server's are children of, on this machine.
    pub(crate) async fn postmaster(&self) -> Result<u32, JudgeError> {
        let backend = self.texts("SELECT CAST(pg_backend_pid() AS text)").await?.concat();
        let status = std::fs::read_to_string(format!("/proc/{backend}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok());
        parent.ok_or(JudgeError::Malformed(status))
    }

    /// What the engine itself finds wrong with its file.
    pub(super) async fn damage(&self) -> Result<Vec<String>, JudgeError> {
        if let Self::Postgres(_) = self {
            return Ok(Vec::new());
        }
        let check = self.texts("PRAGMA quick_check").await?;
        let mut faults: Vec<_> = check.into_iter().filter(|word| word != "ok").collect();
        let orphans = self.texts("PRAGMA foreign_key_check").await?;
        faults.extend(
            orphans.into_iter().map(|table| format!("a row of {table} names a row that is not there")),
        );
        Ok(faults)
    }

    pub(super) async fn records(&self) -> Result<Vec<Record>, JudgeError> {
        let sql = format!(
            "SELECT {}, {}, title, CAST(amount AS text), {} FROM records",
            self.uuid("app"),
            self.uuid("record"),
            self.bytes("content")
        );
        let rows = self.rows(&sql).await?;
        rows.into_iter()
            .map(|row| match <[Option<String>; 5]>::try_from(row) {
                Ok([Some(app), Some(id), Some(title), Some(amount), content]) => {
                    let amount = amount.parse().map_err(|_| JudgeError::Malformed(amount))?;
                    Ok(Record { app, id: record_id(bits(&id)?), title, amount, content })
                }
                other => Err(JudgeError::Malformed(format!("{other:?}"))),
            })
            .collect()
    }

    pub(super) async fn audited_records(&self) -> Result<Vec<String>, JudgeError> {
        self.texts("SELECT resource_id FROM audit_entries WHERE action = 'record_created'").await
    }

    pub(super) async fn told_records(&self) -> Result<Vec<String>, JudgeError> {
        let record = self.member("payload", "record");
        self.texts(&format!("SELECT {record} FROM outbox_events WHERE kind = 'records.record_created'")).await
    }

    /// Records that wanted a job say so in their title.
    pub(super) async fn records_of_jobs(&self) -> Result<Vec<String>, JudgeError> {
        let sql = format!("SELECT {} FROM records WHERE title LIKE '% job'", self.uuid("record"));
        self.texts(&sql).await?.iter().map(|id| Ok(record_id(bits(id)?))).collect()
    }

    pub(super) async fn jobs(&self) -> Result<Vec<String>, JudgeError> {
        let record = self.member("payload", "record");
        self.texts(&format!("SELECT {record} FROM jobs WHERE kind = 'records.take_effect'")).await
    }

    pub(super) async fn logos(&self) -> Result<Vec<String>, JudgeError> {
        self.texts(&format!("SELECT DISTINCT {} FROM logos", self.bytes("logo"))).await
    }

    pub(super) async fn apps(&self) -> Result<Vec<String>, JudgeError> {
        let ids = self.texts(&format!("SELECT {} FROM apps", self.uuid("app"))).await?;
        ids.iter().map(|id| Ok(AppId::from_bits(bits(id)?).to_string())).collect()
    }

    pub(super) async fn releases(&self) -> Result<Vec<String>, JudgeError> {
        let ids = self.texts(&format!("SELECT {} FROM releases", self.uuid("release"))).await?;
        ids.iter().map(|id| Ok(Id::<ReleaseMarker>::from_bits(bits(id)?).to_string())).collect()
    }

    /// Hashes of the files that releases name.
    pub(super) async fn artefacts(&self) -> Result<Vec<String>, JudgeError> {
        let mut hashes = Vec::new();
        for text in self.texts("SELECT CAST(artefacts AS text) FROM releases WHERE state = 'ready'").await? {
            let artefacts: serde_json::Value =
                serde_json::from_str(&text).map_err(|_| JudgeError::Malformed(text))?;
            let named =
                artefacts.as_array().into_iter().flatten().filter_map(|artefact| artefact["hash"].as_str());
            hashes.extend(named.map(str::to_owned));
        }
        Ok(hashes)
    }

    /// Rows that deny each other.
    pub(super) async fn contradictions(&self) -> Result<Vec<String>, JudgeError> {
        let questions = [
            (
                "positions of events are not 1, 2, 3, …",
                "SELECT CAST(count(*) AS text) FROM (SELECT count(*) AS counted, coalesce(max(position), 0) AS highest,
                    count(DISTINCT position) AS different FROM outbox_events WHERE position IS NOT NULL) AS stamped
                 WHERE counted <> highest OR counted <> different",
            ),
            (
                "reactions and jobs took effect more than once",
                "SELECT CAST(count(*) AS text) FROM record_effects WHERE times <> 1",
            ),
            (
                "builds and their releases disagree",
                "SELECT CAST(count(*) AS text) FROM builds
                 LEFT JOIN releases ON releases.app = builds.app AND releases.release = builds.release
                 WHERE releases.release IS NULL OR (builds.state = 'done') <> (releases.state = 'ready')",
            ),
            (
                "apps lack a slug, a line in their partner's list, a signing key, a brand, a site or a build",
                "SELECT CAST(count(*) AS text) FROM apps WHERE
                    NOT EXISTS (SELECT 1 FROM slugs WHERE slugs.app = apps.app)
                    OR NOT EXISTS (SELECT 1 FROM partner_apps WHERE partner_apps.app = apps.app)
                    OR NOT EXISTS (SELECT 1 FROM signing_keys WHERE signing_keys.app = apps.app)
                    OR NOT EXISTS (SELECT 1 FROM brand_versions WHERE brand_versions.app = apps.app)
                    OR NOT EXISTS (SELECT 1 FROM builds WHERE builds.app = apps.app)",
            ),
            (
                "stored replies have no reply",
                "SELECT CAST(count(*) AS text) FROM idempotency_keys WHERE status = 0",
            ),
        ];
        self.found(&questions).await
    }

    /// What is still to be done, and what was given up without a word.
    pub(crate) async fn undone(&self) -> Result<Vec<String>, JudgeError> {
        let questions = [
            ("events without a position", "SELECT CAST(count(*) AS text) FROM outbox_events WHERE position IS NULL"),
            (
                "records without their reaction",
                "SELECT CAST(count(*) AS text) FROM records WHERE NOT EXISTS (SELECT 1 FROM record_effects
                    WHERE record_effects.app = records.app AND record_effects.record = records.record AND cause = 'event')",
            ),
            ("jobs that have not ended", "SELECT CAST(count(*) AS text) FROM jobs WHERE state NOT IN ('done', 'dead')"),
            (
                "dead jobs of which nobody was told",
                "SELECT CAST(count(*) AS text) FROM jobs WHERE state = 'dead' AND finished_at IS NULL",
            ),
            (
                "jobs that died of something else than their workers",
                "SELECT CAST(count(*) AS text) FROM jobs WHERE state = 'dead' AND failure <> 'its worker died at every try'",
            ),
            (
                "records without the effect of their job, which did not die",
                "SELECT CAST(count(*) AS text) FROM records WHERE title LIKE '% job' AND NOT EXISTS (SELECT 1 FROM record_effects
                    WHERE record_effects.app = records.app AND record_effects.record = records.record AND cause = 'job')
                 HAVING count(*) > (SELECT count(*) FROM jobs WHERE kind = 'records.take_effect' AND state = 'dead')",
            ),
            (
                "builds that are not done, and whose job did not die",
                "SELECT CAST(count(*) AS text) FROM builds WHERE state <> 'done' AND NOT EXISTS (SELECT 1 FROM jobs
                    WHERE jobs.root = builds.app AND jobs.job = builds.job AND jobs.state = 'dead' AND builds.state = 'failed')",
            ),
            ("dead events", "SELECT CAST(count(*) AS text) FROM dead_events"),
        ];
        self.found(&questions).await
    }

    /// Rows of an app that carry a word.
    pub(crate) async fn words(&self, app: &str, word: &str) -> Result<Vec<String>, JudgeError> {
        let app = AppId::parse(app).map_err(|_| JudgeError::Malformed(app.to_owned()))?;
        let mut found = Vec::new();
        for (table, column) in [
            ("records", "title"),
            ("brand_versions", "name"),
            ("brand_versions", "company"),
            ("apps", "name"),
        ] {
            let own = format!("{} = '{:032x}'", self.uuid("app"), app.bits());
            let sql =
                format!("SELECT {column} FROM {table} WHERE {own} AND {column} LIKE '%{word}%' LIMIT 5");
            found.extend(
                self.texts(&sql).await?.into_iter().map(|text| format!("{table}.{column} is `{text}`")),
            );
        }
        Ok(found)
    }

    /// What only its owner may have changed in the proof of isolation, and no owner did.
    pub(crate) async fn unsettled(&self) -> Result<Vec<String>, JudgeError> {
        let questions = [
            (
                "apps that somebody suspended or deleted",
                "SELECT CAST(2 - count(*) AS text) FROM apps WHERE state = 'live' AND deleted_at IS NULL",
            ),
            (
                "members that somebody removed or made something else",
                "SELECT CAST(4 - count(*) AS text) FROM members WHERE role IN ('owner', 'viewer')",
            ),
            ("brands that somebody added", "SELECT CAST(count(*) - 2 AS text) FROM brand_versions"),
            ("releases that somebody made", "SELECT CAST(count(*) - 4 AS text) FROM releases"),
            ("plans that somebody deleted", "SELECT CAST(2 - count(*) AS text) FROM meal_plans"),
        ];
        self.found(&questions).await
    }

    /// Jobs that were given up and told to be, because their workers were killed at every try.
    pub(crate) async fn given_up(&self) -> Result<String, JudgeError> {
        Ok(self.texts("SELECT CAST(count(*) AS text) FROM jobs WHERE state = 'dead'").await?.concat())
    }

    /// How many rows the proofs' tables have, for people.
    pub(crate) async fn size(&self) -> Result<String, JudgeError> {
        let mut counts = Vec::new();
        for table in ["records", "audit_entries", "outbox_events", "jobs", "apps", "releases", "logos"] {
            let count = self.texts(&format!("SELECT CAST(count(*) AS text) FROM {table}")).await?;
            counts.push(format!("{} {table}", count.concat()));
        }
        Ok(counts.join(", "))
    }

    /// The questions whose answer is not zero.
    async fn found(&self, questions: &[(&str, &str)]) -> Result<Vec<String>, JudgeError> {
        let mut found = Vec::new();
        for (what, sql) in questions {
            let count = self.texts(sql).await?.concat();
            // A question with a bound of its own answers with no row when it is kept.
            if !count.is_empty() && count != "0" {
                found.push(format!("{what}: {count}"));
            }
        }
        Ok(found)
    }

    /// The first column, where it is not null.
    async fn texts(&self, sql: &str) -> Result<Vec<String>, JudgeError> {
        Ok(self.rows(sql).await?.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
    }

    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, JudgeError> {
        match self {
            Self::Sqlite(connection) => {
                let mut prepared = connection.prepare(sql)?;
                let columns = prepared.column_count();
                let rows = prepared.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Self::Postgres(client) => {
                let rows = client.simple_query(sql).await?.into_iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => {
                        Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
                    }
                    _ => None,
                });
                Ok(rows.collect())
            }
        }
    }

    /// A UUID as 32 hexadecimal digits.
    fn uuid(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace(CAST({column} AS text), '-', '')"),
        }
    }

    /// Bytes as hexadecimal digits, or null.
    fn bytes(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("CASE WHEN {column} IS NULL THEN NULL ELSE lower(hex({column})) END"),
            Self::Postgres(_) => format!("encode({column}, 'hex')"),
        }
    }

    /// A text member of a JSON object.
    fn member(&self, column: &str, name: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("json_extract({column}, '$.{name}')"),
            Self::Postgres(_) => format!("{column} ->> '{name}'"),
        }
    }
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite(_) => "Judge(SQLite)",
            Self::Postgres(_) => "Judge(PostgreSQL)",
        })
    }
}

fn bits(digits: &str) -> Result<u128, JudgeError> {
    u128::from_str_radix(digits, 16).map_err(|_| JudgeError::Malformed(digits.to_owned()))
}
