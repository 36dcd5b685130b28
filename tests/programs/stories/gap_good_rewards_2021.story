# A group of clothes shops with a card of its own: a member who holds it.

program  gap_good_rewards_2021
with     tiers.on_refund = "keep" | "recompute"

2024-01-10   join                                                                       | 0
2024-01-10   label +store_card                                                          | 0     tier=enthusiast
2024-01-10   order 1  $100.00@gap  discount=$20.00  paid=gap_card:$80.00                | 650   card=400 quarter=250
2024-02-01   order 2  $60.00@old_navy  paid=gap_card:$60.00                             | 1450  card=300 brands=500 quarter=QUARTERLY_CAP
# Not by the card alone: the member's rate, and nothing for the part paid by gift card.
2024-02-15   order 3  $50.00@gap  paid=gift_card:$20.00,gap_card:$30.00                 | 1480  card=TENDER member=30
2024-04-05   order 4  $1000.00@athleta  paid=gap_card:$1000.00                          | 7230  tier=icon card=5000 quarter=250 brands=1000
2024-07-01   order 5  $40.00@gap  paid=gap_card:$40.00                                  | 7930  card=200 quarter=500
2024-07-02   redeem 6  2500  reward=money-off                                           | 5430  worth=$25.00
2024-07-03   redeem 7  1000  reward=marketplace                                         | 4430
2024-07-04   undo 7b  7                                                                 | FINAL  balance=4430
# The bonus of a third brand stays: something of it was kept.
2024-07-20   refund 8  4  $200.00                                                       | 3430  tier={keep: icon | recompute: enthusiast}
