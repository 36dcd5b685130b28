# A maker of bricks.

program  lego_insiders

2025-01-10        join                                                                             | 0
2025-01-10        order 1  $49.99  shipping=$5.00 tax=$4.00  v=1 channel=lego_web                  | 0     pending=324
2025-01-12        order 1  $49.99  shipping=$5.00 tax=$4.00  v=2 channel=lego_web status=invoiced  | 324   pending=0
2025-02-01        order 3  $100.00/gift_card  channel=lego_store status=invoiced                   | 324   bricks=NOTHING_ELIGIBLE
2025-02-02        order 4  $199.99  channel=lego_store status=invoiced  paid=gift_card:$100.00,card:$99.99  | 1623  bricks=1299
2025-02-20        order 5  $59.99  channel=amazon status=invoiced                                  | 1623  bricks=CHANNEL
2025-02-21        activity 5b  register_set  subject=75192-00417                                   | 1643   registered=20
2025-02-21        activity 5c  register_set  subject=75192-00417                                   | 1643   registered=SUBJECT_CAP
2025-03-15        order 6  $80.00  channel=lego_web status=invoiced                                | 2683  bricks=1040 double-points=applies
2025-04-01        redeem 7  1300  reward=money-off  basket=$60.00                                   | 1383  worth=$10.00
2025-04-01        order 7  $60.00  channel=lego_web status=invoiced  paid=points:$10.00,card:$50.00  | 1708  bricks=325
# Each money has its own rate and its own price.
2025-04-01        order 9  €40.00  channel=lego_store status=invoiced                              | 2008   bricks=300
2025-04-01        redeem 10  1500  reward=money-off-eur  basket=$60.00                             | CURRENCY
2025-04-01        redeem 11  1500  reward=money-off-eur  basket=€60.00                             | 508    worth=€10.00
2025-04-10        undo 12  11                                                                      | 2008
2025-04-10        refund 13  9  all                                                                | 1708
2025-04-10        refund 8  6  all                                                                 | 668
# Eighteen months after the last order; a return keeps nothing alive.
2026-09-30T23:59  -                                                                                | 668
2026-10-01T00:00  -                                                                                | 0
