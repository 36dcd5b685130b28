-- The ledger of an export, for DuckDB: one row of this view is one row of the ledger.
-- An export is what `guerdon export` writes, or what DynamoDB writes to S3:
--   duckdb -c "SET VARIABLE export = 'out/AWSDynamoDB/ID'" -c ".read infra/queries/duckdb.sql" -c ".read infra/queries/liability.sql"
-- Amounts are smallest units of the program's first currency. Times are UTC.
CREATE OR REPLACE VIEW ledger AS
SELECT
    split_part(item.chain.S, '/', 1) AS program,
    substr(item.chain.S, strpos(item.chain.S, '/') + 1) AS member,
    item.sequence.N::BIGINT AS sequence,
    item.kind.S AS kind,
    item.key.S AS key,
    item.tier.S AS tier,
    item.version.N::INTEGER AS program_version,
    make_timestamp_ms(item.recorded_at.N::BIGINT) AS recorded_at,
    make_timestamp_ms(coalesce(item.occurred_at.N, item.recorded_at.N)::BIGINT) AS occurred_at,
    coalesce(item.available.N::BIGINT, 0) AS available,
    coalesce(item.pending.N::BIGINT, 0) AS pending,
    coalesce(item.held.N::BIGINT, 0) AS held,
    coalesce(item.debt.N::BIGINT, 0) AS debt,
    coalesce(item.moved.N::BIGINT, 0) AS moved
FROM read_json(
    getvariable('export') || '/data/*.json.gz',
    format = 'newline_delimited',
    columns = { Item: 'STRUCT(
        chain STRUCT(S VARCHAR), sequence STRUCT(N VARCHAR), kind STRUCT(S VARCHAR),
        key STRUCT(S VARCHAR), tier STRUCT(S VARCHAR), version STRUCT(N VARCHAR),
        recorded_at STRUCT(N VARCHAR), occurred_at STRUCT(N VARCHAR),
        available STRUCT(N VARCHAR), pending STRUCT(N VARCHAR), held STRUCT(N VARCHAR),
        debt STRUCT(N VARCHAR), moved STRUCT(N VARCHAR))' }
);
