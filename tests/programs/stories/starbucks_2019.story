# A coffee chain until March 2026.

program  starbucks_2019

# The published example: earned on 15 December 2020, ended on 1 July 2021.
2020-12-15        @early  join                                                          | 0
2020-12-15        @early  order 0  $7.00  paid=preloaded:$7.00                          | 14     lots=2021-07-01:14
2021-06-30T23:59  @early  -                                                             | 14
2021-07-01T00:00  @early  -                                                             | 0

2025-01-10        join                                                                  | 0
2025-01-15        order 2  $20.00  tax=$1.60 tip=$3.00  paid=preloaded:$24.60           | 40     preloaded=40
2025-02-03        order 3  $15.00  paid=preloaded:$10.00,credit:$5.00                   | 65     preloaded=20 other=5
2025-03-20        order 4  $50.00/card_load  paid=credit:$50.00                         | 65     other=NOTHING_ELIGIBLE
2025-04-02        order 5  $18.00/drink $12.00/alcohol  paid=preloaded:$30.00           | 101    preloaded=36
2025-05-05        redeem 6  100  reward=brewed                                          | 1      lots=2025-11-01:1
2025-06-10        order 7  $12.50  paid=credit:$12.50                                   | 13.5   other=12.5

# The 13.5 stay until the last day of October: what expires is not what was spent before.
2025-08-01        -                                                                     | 13.5
2025-09-01        -                                                                     | 13.5
2025-10-31T23:59  -                                                                     | 13.5
2025-11-01T00:00  -                                                                     | 12.5   lots=2026-01-01:12.5
2025-12-20        refund 9  7  all                                                      | 0      debt=0
# Nothing is left of June's Stars, so nothing is booked when they end.
2026-01-01        settle                                                                | 0      debt=0 row=refund
