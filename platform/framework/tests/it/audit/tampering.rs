//! Whoever owns the database can change anything in it; whatever they change is found and named.

use super::{entry, root, sealer, verify, write};
use crate::note;
use slipway_framework::audit::{self, EntryMarker, Fault, Finding, SealError};
use slipway_framework::db::Location;
use slipway_framework::keys::{KeyPurpose, Keys};
use slipway_framework::scope::{PartnerScope, RootId};
use slipway_kernel::Id;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::time::Duration;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

on_both_engines!(
    one_bit_in_any_column_of_any_row_is_found_and_named,
    entries_that_are_taken_away_are_named,
    entries_that_change_places_are_named,
    entries_that_are_put_in_are_named,
    a_chain_that_was_made_anew_is_found,
    a_chain_that_is_gone_or_put_back_is_missed,
    nothing_is_signed_over_an_end_that_was_changed,
    another_key_is_told_from_a_changed_trail,
);

const TABLES: [&str; 3] = ["audit_entries", "audit_checkpoints", "audit_census"];

/// Whoever has the database's file, or its owner's password.
enum Intruder {
    Sqlite(rusqlite::Connection),
    Postgres(Client),
}

/// A sealed entry's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    root: RootId,
    sequence: i64,
    entry: Id<EntryMarker>,
}

impl Place {
    fn is_named_by(self, finding: &Finding) -> bool {
        let up_to = match finding.fault {
            Fault::Missing { to } => Some(to),
            _ => finding.sequence,
        };
        let is_here = finding.sequence.is_some_and(|from| from <= self.sequence)
            && up_to.is_some_and(|to| self.sequence <= to);
        finding.root == Some(self.root) && (is_here || finding.entry == Some(self.entry))
    }
}

impl Intruder {
    /// Gets past what keeps the application from changing the trail, and copies it.
    async fn at(platform: &TestPlatform) -> Self {
        let intruder = match platform.database().location() {
            Location::File(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(10)).unwrap();
                connection
                    .execute_batch(
                        "PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON; DROP TRIGGER audit_entries_stays;
                         DROP TRIGGER audit_entries_is_kept; DROP TRIGGER audit_entries_once;",
                    )
                    .unwrap();
                Self::Sqlite(connection)
            }
            Location::Url(url) => {
                let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("SET synchronous_commit = off").await.unwrap();
                Self::Postgres(client)
            }
        };
        intruder.run("DROP INDEX audit_entries_by_sequence").await;
        for table in TABLES {
            intruder.run(&format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}")).await;
        }
        intruder
    }

    async fn try_run(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql).map_err(|error| error.to_string()),
            Self::Postgres(client) => client.batch_execute(sql).await.map_err(|error| error.to_string()),
        }
    }

    async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of every row, as text.
    async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres(client) => {
                let rows = client.simple_query(sql).await.unwrap();
                let texts = rows.iter().filter_map(|row| match row {
                    SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                });
                texts.collect()
            }
        }
    }

    /// Puts everything back.
    async fn restore(&self) {
        for table in TABLES {
            self.put_back(table).await;
        }
    }

    async fn put_back(&self, table: &str) {
        self.run(&format!(
            "BEGIN; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table}; COMMIT"
        ))
        .await;
    }

    fn id(&self, bits: u128) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{bits:032x}'"),
            Self::Postgres(_) => format!("CAST('{bits:032x}' AS uuid)"),
        }
    }

    fn at_place(&self, place: Place) -> String {
        format!("root = {} AND entry = {}", self.id(place.root.bits()), self.id(place.entry.bits()))
    }

    /// Every sealed entry.
    async fn places(&self) -> Vec<Place> {
        let (open, close) = match self {
            Self::Sqlite(_) => ("lower(hex(", "))"),
            Self::Postgres(_) => ("encode(uuid_send(", "), 'hex')"),
        };
        let sql = format!(
            "SELECT {open}root{close} || ' ' || sequence || ' ' || {open}entry{close} FROM audit_entries ORDER BY root, sequence"
        );
        let texts = self.texts(&sql).await;
        texts
            .iter()
            .map(|text| {
                let parts: Vec<_> = text.split(' ').collect();
                let bits = |text: &str| u128::from_str_radix(text, 16).unwrap();
                Place {
                    root: RootId::from_bits(bits(parts[0])),
                    sequence: parts[1].parse().unwrap(),
                    entry: Id::from_bits(bits(parts[2])),
                }
            })
            .collect()
    }

    /// How many bits a cell has.
    async fn bits(&self, table: &str, column: &str, at: &str) -> usize {
        let length = match (self, column) {
            (_, "sequence" | "turn" | "chains" | "entries" | "created_at" | "sealed_at") => return 48,
            (Self::Sqlite(_), _) => format!("length(CAST({column} AS BLOB))"),
            (Self::Postgres(_), "root" | "entry" | "request") => return 128,
            (Self::Postgres(_), "hash" | "signer" | "signature") => format!("length({column})"),
            (Self::Postgres(_), _) => format!("octet_length(CAST({column} AS text))"),
        };
        let texts = self.texts(&format!("SELECT CAST({length} AS text) FROM {table} WHERE {at}")).await;
        8 * texts[0].parse::<usize>().unwrap()
    }

    /// Flips one bit of a cell; `false` when the column cannot hold what would be there then.
    async fn flip(&self, table: &str, column: &str, at: &str, bit: usize) -> bool {
        match self {
            Self::Sqlite(connection) => {
                let sql = format!("SELECT {column} FROM {table} WHERE {at}");
                let value: rusqlite::types::Value = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
                let mut set = format!("UPDATE {table} SET {column} = ?1 WHERE {at}");
                let flipped = |mut bytes: Vec<u8>| {
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    rusqlite::types::Value::Blob(bytes)
                };
                let value = match value {
                    rusqlite::types::Value::Integer(number) => (number ^ (1 << bit)).into(),
                    rusqlite::types::Value::Blob(bytes) => flipped(bytes),
                    rusqlite::types::Value::Text(text) => {
                        set = set.replace("?1", "CAST(?1 AS TEXT)");
                        flipped(text.into_bytes())
                    }
                    other => panic!("{column} holds {other:?}"),
                };
                assert_eq!(connection.execute(&set, [value]).unwrap(), 1);
                true
            }
            Self::Postgres(_) => {
                let flipped = |bytes: &str| format!("set_bit({bytes}, {bit}, 1 - get_bit({bytes}, {bit}))");
                let value = match column {
                    "root" | "entry" | "request" => {
                        format!("CAST(encode({}, 'hex') AS uuid)", flipped(&format!("uuid_send({column})")))
                    }
                    "hash" | "signer" | "signature" => flipped(column),
                    "sequence" | "turn" | "chains" | "entries" => format!("{column} # (1::bigint << {bit})"),
                    "created_at" | "sealed_at" => {
                        let micros = format!("CAST(extract(epoch FROM {column}) * 1000000 AS bigint)");
                        format!(
                            "{column} + (({micros} # (1::bigint << {bit})) - {micros}) * interval '1 microsecond'"
                        )
                    }
                    "details" => format!(
                        "CAST(convert_from({}, 'UTF8') AS jsonb)",
                        flipped("convert_to(CAST(details AS text), 'UTF8')")
                    ),
                    _ => {
                        format!("convert_from({}, 'UTF8')", flipped(&format!("convert_to({column}, 'UTF8')")))
                    }
                };
                self.try_run(&format!("UPDATE {table} SET {column} = {value} WHERE {at}")).await.is_ok()
            }
        }
    }
}

/// Three chains, sealed bit by bit and in between.
async fn trail(engine: EngineKind) -> (TestPlatform, Intruder, Vec<Place>) {
    let platform = note::start(engine);
    let (left, right) = (platform.app_scope(), platform.app_scope());
    let partner = PartnerScope::new(platform.mint(), platform.cause());
    for part in 0..4 {
        write(&platform, &left, part * 3..part * 3 + 3).await;
        write(&platform, &right, part * 2..part * 2 + 2).await;
        write(&platform, &partner, part * 3..part * 3 + 3).await;
        platform.clock().advance(Duration::from_millis(700));
        assert_eq!(sealer(&platform).drain().await.unwrap(), 8);
    }
    let intruder = Intruder::at(&platform).await;
    let places = intruder.places().await;
    assert_eq!(places.len(), 32);
    assert!(verify(&platform, None).await.findings.is_empty());
    (platform, intruder, places)
}

async fn findings(platform: &TestPlatform) -> Vec<Finding> {
    verify(platform, None).await.findings
}

/// Each of the places is named, and what is printed tells them too.
fn assert_named(found: &[Finding], places: &[Place], what: &str) {
    for place in places {
        let named: Vec<_> = found.iter().filter(|finding| place.is_named_by(finding)).collect();
        assert!(!named.is_empty(), "{what} at {place:?}: {found:?}");
        assert!(named.iter().all(|finding| finding.to_string().starts_with(&place.root.to_string())));
    }
}

const COLUMNS: [&str; 11] = [
    "root",
    "entry",
    "actor",
    "action",
    "resource_type",
    "resource_id",
    "details",
    "request",
    "created_at",
    "sequence",
    "hash",
];

/// Every bit of one entry, one checkpoint and the census on SQLite, where that is quick; of everything else one bit of every cell, a
/// different one each time.
async fn one_bit_in_any_column_of_any_row_is_found_and_named(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let whole = (engine == EngineKind::Sqlite).then_some(places[5]);
    for (number, place) in places.iter().enumerate() {
        let at = intruder.at_place(*place);
        for column in COLUMNS {
            // An entry that goes to another root is missed in its own; all else shows in its chain alone.
            let only = (column != "root").then_some(place.root);
            let bits = intruder.bits("audit_entries", column, &at).await;
            let mut flipped = 0;
            for bit in 0..bits {
                let bit = if whole == Some(*place) { bit } else { (bit + 11 * number) % bits };
                if !intruder.flip("audit_entries", column, &at, bit).await {
                    continue;
                }
                flipped += 1;
                let found = verify(&platform, only).await.findings;
                assert_named(&found, &[*place], &format!("{column}, bit {bit}"));
                intruder.put_back("audit_entries").await;
                if whole != Some(*place) {
                    break;
                }
            }
            assert!(flipped > 0, "{column} takes no bit at {place:?}");
        }
    }
    let root = places[0].root;
    let at_root = format!("root = {}", intruder.id(root.bits()));
    for (table, columns, at, expected) in [
        (
            "audit_checkpoints",
            &["root", "sequence", "hash", "sealed_at", "signer", "signature"][..],
            at_root.as_str(),
            Some(root),
        ),
        (
            "audit_census",
            &["name", "turn", "chains", "entries", "sealed_at", "signer", "signature"],
            "true",
            None,
        ),
    ] {
        for column in columns {
            let step = if engine == EngineKind::Sqlite { 1 } else { 37 };
            for bit in (0..intruder.bits(table, column, at).await).step_by(step) {
                if !intruder.flip(table, column, at, bit).await {
                    continue;
                }
                let found = findings(&platform).await;
                let is_named = found.iter().any(|finding| finding.root == expected);
                assert!(is_named, "{table}.{column}, bit {bit}: {found:?}");
                intruder.put_back(table).await;
            }
        }
    }
    assert_eq!(findings(&platform).await, []);
}

async fn entries_that_are_taken_away_are_named(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    // Over a wire every third will do.
    let step = if engine == EngineKind::Sqlite { 1 } else { 3 };
    for place in places.iter().step_by(step) {
        intruder.run(&format!("DELETE FROM audit_entries WHERE {}", intruder.at_place(*place))).await;
        let found = findings(&platform).await;
        assert_named(&found, &[*place], "deleted");
        assert_eq!(found[0].fault, Fault::Missing { to: place.sequence });
        assert_eq!(found.len(), 1, "{found:?}");
        intruder.restore().await;
        // The seal alone is no better, and the entry waits for another one.
        intruder
            .run(&format!(
                "UPDATE audit_entries SET sequence = NULL, hash = NULL WHERE {}",
                intruder.at_place(*place)
            ))
            .await;
        assert_named(&findings(&platform).await, &[*place], "unsealed");
        intruder.restore().await;
    }
    // The tail of a chain, of every length.
    let root = places[0].root;
    let chain: Vec<_> = places.iter().copied().filter(|place| place.root == root).collect();
    for first in (0..chain.len()).step_by(step) {
        let sql = format!(
            "DELETE FROM audit_entries WHERE root = {} AND sequence >= {}",
            intruder.id(root.bits()),
            chain[first].sequence
        );
        intruder.run(&sql).await;
        let found = findings(&platform).await;
        assert_named(&found, &chain[first..], "cut off");
        assert_eq!(found.len(), 1, "{found:?}");
        intruder.run("DELETE FROM audit_checkpoints").await;
        assert!(!findings(&platform).await.is_empty());
        intruder.restore().await;
    }
}

async fn entries_that_change_places_are_named(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let chain: Vec<_> = places.iter().copied().filter(|place| place.root == places[0].root).collect();
    for (one, other) in [(0, 1), (3, 4), (2, 7), (chain.len() - 2, chain.len() - 1), (0, chain.len() - 1)] {
        let (one, other) = (chain[one], chain[other]);
        for columns in [
            &["sequence"][..],
            &["sequence", "hash"],
            &["details", "resource_id"],
            &["created_at", "request", "entry"],
        ] {
            let taken = |from: Place| {
                let set = columns.iter().map(|column| {
                    format!(
                        "{column} = (SELECT {column} FROM saved_audit_entries WHERE {})",
                        intruder.at_place(from)
                    )
                });
                set.collect::<Vec<_>>().join(", ")
            };
            // In two steps, because no two rows may have one id meanwhile.
            let aside = intruder.id(7);
            let sql = format!(
                "UPDATE audit_entries SET entry = {aside} WHERE {}; UPDATE audit_entries SET {} WHERE {};
                 UPDATE audit_entries SET entry = {}, {} WHERE entry = {aside}",
                intruder.at_place(one),
                taken(one),
                intruder.at_place(other),
                if columns.contains(&"entry") { aside.clone() } else { intruder.id(one.entry.bits()) },
                taken(other),
            );
            let sql = sql.replace(&format!("entry = {aside}, "), "");
            intruder.run(&sql).await;
            let found = findings(&platform).await;
            let is_same = columns.contains(&"created_at") && one.sequence == other.sequence;
            assert!(!is_same);
            for place in [one, other] {
                assert!(
                    found.iter().any(|finding| finding.root == Some(place.root)
                        && finding.sequence == Some(place.sequence)),
                    "{columns:?} of {one:?} and {other:?}: {found:?}"
                );
            }
            if columns == ["sequence", "hash"] || columns == ["sequence"] {
                let moved = |from: Place, to: Place| Finding {
                    root: Some(to.root),
                    sequence: Some(to.sequence),
                    entry: Some(from.entry),
                    fault: Fault::Moved { from: from.sequence },
                };
                if columns == ["sequence"] {
                    assert!(
                        found.contains(&moved(one, other)) && found.contains(&moved(other, one)),
                        "{found:?}"
                    );
                }
            }
            intruder.restore().await;
        }
    }
}

async fn entries_that_are_put_in_are_named(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let chain: Vec<_> = places.iter().copied().filter(|place| place.root == places[0].root).collect();
    let end = chain[chain.len() - 1].sequence;
    let forged = Id::from_bits(0x0192_0000_0000_7000_8000_0000_0000_0001);
    for sequence in [i64::MIN, -1, 0, 1, 5, end, end + 1, end + 9, i64::MAX] {
        let sql = format!(
            "INSERT INTO audit_entries (root, entry, actor, action, resource_type, resource_id, details, request, created_at, sequence, hash)
             SELECT root, {}, actor, action, resource_type, resource_id, details, request, created_at, {}, hash FROM audit_entries WHERE {}",
            intruder.id(forged.bits()),
            if sequence == i64::MIN { "-9223372036854775807 - 1".to_owned() } else { sequence.to_string() },
            intruder.at_place(chain[5]),
        );
        intruder.run(&sql).await;
        let found = findings(&platform).await;
        let place = Place { root: chain[0].root, sequence, entry: forged };
        assert!(found.iter().any(|finding| place.is_named_by(finding)), "{sequence}: {found:?}");
        // Those above it were pushed down by nobody, and stay whole.
        assert!(found.len() <= 3, "{found:?}");
        intruder.restore().await;
    }
}

/// The hashes need no key, so whoever changes an entry can make all of them anew; only the end is signed.
async fn a_chain_that_was_made_anew_is_found(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    write(&platform, &scope, 0..6).await;
    let original = Intruder::at(&platform).await;
    sealer(&platform).drain().await.unwrap();
    original.run("CREATE TABLE ends AS SELECT * FROM audit_checkpoints; CREATE TABLE counted AS SELECT * FROM audit_census").await;
    // The installation's own sealer makes the false chain here, and then its signatures are put back.
    original.run("UPDATE audit_entries SET sequence = NULL, hash = NULL; UPDATE audit_entries SET actor = 'nobody' WHERE entry = (SELECT entry FROM audit_entries ORDER BY entry LIMIT 1)").await;
    original.run("DELETE FROM audit_checkpoints; DELETE FROM audit_census; INSERT INTO audit_census SELECT * FROM saved_audit_census").await;
    assert_eq!(sealer(&platform).drain().await.unwrap(), 6);
    assert_eq!(findings(&platform).await, [], "by itself the false chain is whole");
    original.run("DELETE FROM audit_checkpoints; INSERT INTO audit_checkpoints SELECT * FROM ends").await;
    original.run("DELETE FROM audit_census; INSERT INTO audit_census SELECT * FROM counted").await;
    let expected = Finding { root: Some(root(&scope)), sequence: None, entry: None, fault: Fault::Rewritten };
    assert_eq!(findings(&platform).await, [expected]);
}

async fn a_chain_that_is_gone_or_put_back_is_missed(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let gone = intruder.id(places[0].root.bits());
    intruder
        .run(&format!(
            "DELETE FROM audit_entries WHERE root = {gone}; DELETE FROM audit_checkpoints WHERE root = {gone}"
        ))
        .await;
    let found = findings(&platform).await;
    assert!(
        matches!(found[..], [Finding { fault: Fault::Miscounted { chains: (3, 2), .. }, .. }]),
        "{found:?}"
    );
    intruder.restore().await;

    // What was saved is an earlier state of each chain, signed as it should be.
    let scope =
        slipway_framework::scope::AppScope::new(Id::from_bits(places[0].root.bits()), platform.cause());
    write(&platform, &scope, 50..52).await;
    sealer(&platform).drain().await.unwrap();
    intruder
        .run("DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM saved_audit_entries")
        .await;
    intruder.run("DELETE FROM audit_checkpoints; INSERT INTO audit_checkpoints SELECT * FROM saved_audit_checkpoints").await;
    let found = findings(&platform).await;
    assert!(
        matches!(found[..], [Finding { fault: Fault::Miscounted { chains: (3, 3), entries: (34, 32) }, .. }]),
        "{found:?}"
    );
    for sql in [
        "DELETE FROM audit_census",
        "UPDATE audit_census SET name = 'other'",
        "UPDATE audit_census SET turn = 0, chains = 0, entries = 0, sealed_at = NULL, signer = NULL, signature = NULL",
        "UPDATE audit_census SET signature = NULL",
    ] {
        intruder.restore().await;
        intruder.run(sql).await;
        let found = findings(&platform).await;
        assert!(matches!(found[..], [Finding { fault: Fault::CensusChanged, .. }]), "{sql}: {found:?}");
    }
}

async fn nothing_is_signed_over_an_end_that_was_changed(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let scope = |place: Place| {
        slipway_framework::scope::AppScope::new(Id::from_bits(place.root.bits()), platform.cause())
    };
    let mut roots: Vec<_> = places.iter().map(|place| place.root).collect();
    roots.dedup();
    let changed = intruder.id(places[0].root.bits());
    for sql in [
        format!(
            "UPDATE audit_checkpoints SET sequence = 3 WHERE root = {changed}; DELETE FROM audit_entries WHERE root = {changed} AND sequence > 3"
        ),
        format!("DELETE FROM audit_checkpoints WHERE root = {changed}"),
    ] {
        intruder.run(&sql).await;
        let told = findings(&platform).await;
        write(&platform, &scope(places[0]), 70..72).await;
        let other = *places.last().unwrap();
        write(&platform, &scope(other), 70..71).await;
        assert_eq!(sealer(&platform).drain().await.unwrap(), 1, "only the other chain grows: {sql}");
        let verification = verify(&platform, None).await;
        assert_eq!(verification.unsealed, 2);
        assert!(
            told.iter().all(|finding| finding.root.is_none() || verification.findings.contains(finding)),
            "{sql}"
        );
        intruder.restore().await;
    }
    // And nothing at all is, when the census was changed.
    intruder.run("UPDATE audit_census SET chains = chains + 1").await;
    write(&platform, &scope(places[0]), 80..81).await;
    assert!(matches!(sealer(&platform).drain().await, Err(SealError::Census)));
    intruder.run("UPDATE audit_census SET chains = chains - 1").await;
    assert_eq!(sealer(&platform).drain().await.unwrap(), 1);
    assert_eq!(findings(&platform).await, []);
    assert_eq!(entry(1).action, "note_written");
}

async fn another_key_is_told_from_a_changed_trail(engine: EngineKind) {
    let (platform, intruder, places) = trail(engine).await;
    let other =
        Keys::from_secret("8796a5b4c3d2e1f0fedcba9876543210ffeeddccbbaa99887766554433221100").unwrap();
    let other = other.signer(KeyPurpose::AuditSeals).public_key();
    let own = platform.keys().signer(KeyPurpose::AuditSeals).public_key();
    let verification = audit::verify(platform.db(), other, None).await.unwrap();
    assert_eq!(verification.other_signer(), Some(own));
    assert_eq!(verification.findings.len(), 4, "three checkpoints and the census");
    intruder.run(&format!("DELETE FROM audit_entries WHERE {}", intruder.at_place(places[3]))).await;
    assert_eq!(audit::verify(platform.db(), other, None).await.unwrap().other_signer(), None);
    assert_eq!(verify(&platform, None).await.other_signer(), None);
}
