# A coffee chain since March 2026: levels by Stars earned in twelve months, faster rates
# for the higher ones, whose Stars never end.

program  starbucks_2026
with     tiers.on_refund = "keep" | "recompute"

# 480 Stars of 2025 reach no level.
2026-03-10        join                                  | 0       tier=green gathered=0
2026-03-12        order 2  $8.50                        | 8.5     tier=green gathered=8.5
2026-03-15        activity 3  reload  amount=$50.00     | 33.5    tier=green gathered=33.5 reload=25
2026-04-10        order 4  $400.00                      | 433.5   tier=green gathered=433.5
# The purchase that crosses earns by the level before.
2026-04-20        order 5  $80.00                       | 513.5   tier=gold until=2027-04-20 gathered=513.5 visit=80
2026-04-21        order 6  $10.00                       | 525.5   gathered=525.5 visit=12
2026-05-01        order 7  $10.00                       | 549.5   gathered=549.5 visit=24 double-star-day=applies
2026-05-02        redeem 8  300  reward=lunch           | 249.5   gathered=549.5 tier=gold
2026-05-03        refund 9  5  all                      | 169.5   gathered=469.5 tier={keep: gold | recompute: green}

# Gold: never. Who fell to Green in May has all Stars dated anew, to the end of November.
2026-11-01        -                                     | 169.5   tier={keep: gold | recompute: green} lots={keep: never:169.5 | recompute: 2026-12-01:169.5}
2026-12-01        -                                     | {keep: 169.5 | recompute: 0}
2027-04-19T23:59  -                                     | {keep: 169.5 | recompute: 0}   tier={keep: gold | recompute: green}
2027-04-20T00:00  -                                     | {keep: 169.5 | recompute: 0}   tier=green lots={keep: 2027-11-01:169.5 | recompute: none}
2027-11-01        -                                     | 0       tier=green
