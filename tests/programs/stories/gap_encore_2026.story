# Five points where there was one: balances, and what is taken back of older orders.

program  gap_good_rewards_2021  from 2021-07-01
then     gap_encore_2026        from 2026-03-01

2026-02-01   join                                       | 0
2026-02-10   order A  $80.00@gap  paid=visa:$80.00      | 80
2026-02-28   -                                          | 80
2026-03-01   -                                          | 400
2026-03-02   order B  $10.00@gap  paid=visa:$10.00      | 450   version=2 member=50
2026-03-03   refund R  A  $40.00                        | 250   version=1
2026-03-04   redeem S  250  reward=money-off            | NOT_A_STEP  balance=250
# What was spent since January counts: 50 dollars, and now 300. Premier is over 350.
2026-03-05   order C  $300.00@gap                       | 1750  tier=core
2026-03-06   order D  $0.01@gap                         | 1750  tier=premier
2026-03-07   label +store_card                          | 1750  tier=all-access
2026-03-08   order E  $10.00@gap                        | 2000  card-at-our-brands=250
2026-03-08   order F  $10.00/apparel@other              | 2150  card-at-other-clothes-shops=150
