-- The ledger of an export to S3, for Athena: a table over the files and a view with the
-- columns that the queries beside this file use. Put the bucket and the export's id in.
CREATE EXTERNAL TABLE guerdon_export (
    Item struct<
        chain: struct<S: string>, sequence: struct<N: string>, kind: struct<S: string>,
        key: struct<S: string>, tier: struct<S: string>, version: struct<N: string>,
        recorded_at: struct<N: string>, occurred_at: struct<N: string>,
        available: struct<N: string>, pending: struct<N: string>, held: struct<N: string>,
        debt: struct<N: string>, moved: struct<N: string>>
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/PREFIX/AWSDynamoDB/EXPORT/data/';

CREATE OR REPLACE VIEW ledger AS
SELECT
    split_part(item.chain.s, '/', 1) AS program,
    substr(item.chain.s, strpos(item.chain.s, '/') + 1) AS member,
    CAST(item.sequence.n AS bigint) AS sequence,
    item.kind.s AS kind,
    item.key.s AS key,
    item.tier.s AS tier,
    CAST(item.version.n AS integer) AS program_version,
    from_unixtime(CAST(item.recorded_at.n AS bigint) / 1000e0) AS recorded_at,
    from_unixtime(CAST(coalesce(item.occurred_at.n, item.recorded_at.n) AS bigint) / 1000e0) AS occurred_at,
    coalesce(CAST(item.available.n AS bigint), 0) AS available,
    coalesce(CAST(item.pending.n AS bigint), 0) AS pending,
    coalesce(CAST(item.held.n AS bigint), 0) AS held,
    coalesce(CAST(item.debt.n AS bigint), 0) AS debt,
    coalesce(CAST(item.moved.n AS bigint), 0) AS moved
FROM guerdon_export;
