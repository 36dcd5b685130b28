-- Every balance, recomputed from what each row moved and compared with what the newest row
-- says. `differs` is never true, or the export is not whole.
SELECT
    program,
    member,
    sum(moved) AS balance,
    max_by(available, sequence) AS available,
    max_by(pending, sequence) AS pending,
    max_by(held, sequence) AS held,
    max_by(debt, sequence) AS debt,
    sum(moved) <> max_by(available + pending + held - debt, sequence) AS differs
FROM ledger
GROUP BY program, member
ORDER BY program, member;
