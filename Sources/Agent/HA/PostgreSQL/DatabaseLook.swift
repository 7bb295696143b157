/// What a PostgreSQL server says of itself.
struct DatabaseLook: Hashable {
    let isInRecovery: Bool
    /// The end of its log; in recovery what it has replayed.
    let position: WALPosition
    /// In recovery the newest place in its log, replayed or not, or in its mate's as it was told.
    let known: WALPosition
    let isStreaming: Bool
    /// Milliseconds since the newest replayed change was made; 0 where nothing is known.
    let replayAge: UInt64
    /// On which it writes, or in recovery on which it receives; 0 where it does neither.
    let timeline: UInt32
    let synchronous: String
    /// Whether it follows somebody, running or not; only this server's own look tells.
    let isFollowing: Bool

    /// Whether a standby streams from the server that is asked, for a superuser.
    static let standbyQuestion =
        "select exists (select from pg_stat_replication where state = 'streaming')"

    /// What this server is asked, by a superuser.
    static let ownQuestion = question("current_setting('primary_conninfo') <> ''")
    /// What the mate is asked: its role need not see the settings of others.
    static let mateQuestion = question("false")

    /// One row that every role may read; functions that fail in recovery stand behind `case`.
    private static func question(_ isFollowing: String) -> String {
        """
        select pg_is_in_recovery(),
          case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn(), '0/0')
            else pg_current_wal_lsn() end,
          case when pg_is_in_recovery() then greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'),
              coalesce(pg_last_wal_replay_lsn(), '0/0'),
              coalesce((select latest_end_lsn from pg_stat_wal_receiver), '0/0'))
            else pg_current_wal_lsn() end,
          coalesce((select status = 'streaming' from pg_stat_wal_receiver), false),
          coalesce(case when pg_is_in_recovery() then greatest(0,
            extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint
            end, 0),
          coalesce(case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
            else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end, 0),
          \(isFollowing), current_setting('synchronous_standby_names')
        """
    }

    /// Reads the answer, one row with `|` between its values.
    init?(_ answer: String) {
        let row = answer.split(whereSeparator: \.isNewline).first ?? ""
        let cells = row.split(
            separator: "|",
            maxSplits: 7,
            omittingEmptySubsequences: false
        )
        guard cells.count == 8, [0, 3, 6].allSatisfy({ ["t", "f"].contains(cells[$0]) }),
            let position = WALPosition(cells[1]), let known = WALPosition(cells[2]),
            let age = UInt64(cells[4]), let timeline = UInt32(cells[5])
        else { return nil }
        isInRecovery = cells[0] == "t"
        self.position = position
        self.known = known
        isStreaming = cells[3] == "t"
        replayAge = age
        self.timeline = timeline
        isFollowing = cells[6] == "t"
        synchronous = String(cells[7])
    }

    /// Whether a standby receives what that active server writes.
    ///
    /// A receiver calls itself streaming for a moment also where the other side refuses it, since its log has
    /// left the other's; then it is on another timeline.
    func follows(_ active: DatabaseLook) -> Bool {
        isInRecovery && isStreaming && !active.isInRecovery && timeline == active.timeline
    }
}
