import GRDB

/// The tables, and how older files become today's.
enum LedgerSchema {
    /// Changes whenever the fold would derive different rows from the same events; opening an older file then rebuilds them.
    static let foldVersion = 1

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 events and derived state") { db in
            try db.execute(sql: eventTable)
            try db.execute(sql: derivedTables(in: "main"))
            // Partial, because a person of one identifier is the rule and needs no row here.
            try db.execute(sql: """
                CREATE VIEW person AS
                    SELECT person AS id, count(*) AS identifiers, min(first_position) AS first_position
                    FROM identifier GROUP BY person;
                """)
        }
        return migrator
    }

    /// `channels` holds ``ChannelSet`` bits: 1 sms, 2 mms, 4 rcs, 8 whatsapp, 16 voice, 32 email, 64 push, 128 mail.
    /// Kinds are ``IdentifierKind`` numbers: 1 phone, 2 email, 3 push-token, 4 postal, 5 external. Moments are Unix milliseconds.
    private static let eventTable = """
        CREATE TABLE event (
            position INTEGER PRIMARY KEY,
            recorded_at INTEGER NOT NULL,
            hash BLOB NOT NULL,
            id TEXT NOT NULL UNIQUE,
            action TEXT NOT NULL,
            identifier_kind INTEGER, identifier TEXT,
            linked_kind INTEGER, linked_identifier TEXT,
            channels INTEGER NOT NULL, scope TEXT NOT NULL, reach INTEGER NOT NULL,
            reason TEXT, resolves TEXT,
            as_received TEXT, name_given TEXT, match_method TEXT, match_confidence REAL,
            requested_at INTEGER, received_at INTEGER, due_at INTEGER, calendar_version TEXT,
            method TEXT NOT NULL, source_channel TEXT, source_system TEXT, our_address TEXT, replied_to TEXT,
            words TEXT, payload_hash TEXT, evidence_reference TEXT, remote_address TEXT, user_agent TEXT,
            provider_message_id TEXT, language TEXT,
            rule_id TEXT, rule_pack TEXT, matched_by TEXT, confidence REAL, normalised_text TEXT, reviewer TEXT,
            actor_kind TEXT NOT NULL, actor TEXT, on_behalf_of TEXT, approval TEXT
        ) STRICT;
        CREATE INDEX event_identifier ON event(identifier, identifier_kind) WHERE identifier IS NOT NULL;
        CREATE INDEX event_linked ON event(linked_identifier, linked_kind) WHERE linked_identifier IS NOT NULL;
        CREATE INDEX event_resolves ON event(resolves) WHERE resolves IS NOT NULL;
        CREATE INDEX event_review ON event(position) WHERE action = 'needs-review';
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
            BEGIN SELECT RAISE(ABORT, 'the event table is append-only'); END;
        CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
            BEGIN SELECT RAISE(ABORT, 'the event table is append-only'); END;
        """

    /// Everything here follows from `event` (``PreferenceFold``) and may be thrown away and rebuilt.
    static func derivedTables(in schema: String) -> String {
        """
        CREATE TABLE \(schema).identifier (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            value TEXT NOT NULL,
            person INTEGER NOT NULL,
            first_position INTEGER NOT NULL,
            UNIQUE (value, kind)
        ) STRICT;
        CREATE INDEX \(schema).identifier_person ON identifier(person) WHERE person <> id;
        CREATE TABLE \(schema).preference (
            position INTEGER PRIMARY KEY,
            identifier INTEGER NOT NULL,
            scope TEXT NOT NULL,
            reach INTEGER NOT NULL,
            channels INTEGER NOT NULL,
            asked_at INTEGER NOT NULL,
            by_reply INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX \(schema).preference_identifier ON preference(identifier, scope);
        CREATE TABLE \(schema).link (
            low INTEGER NOT NULL,
            high INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (low, high)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX \(schema).link_high ON link(high);
        CREATE TABLE \(schema).person_scope (scope TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE \(schema).ledger_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO \(schema).ledger_state (name, value) VALUES ('fold_version', \(foldVersion)), ('folded_position', 0);
        """
    }

    static let derivedTableNames = ["identifier", "preference", "link", "person_scope", "ledger_state"]
}
