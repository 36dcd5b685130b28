# A beauty shop: a level reached by a purchase that comes back.

program  sephora_bi
with     tiers.on_refund = "recompute" | "keep"

2025-01-20        join                                                                  | 0    tier=insider
2025-03-01        order 2  $120.60  tax=$9.95  channel=web                              | 120  tier=insider gathered=$120.60
# The birthday gift of her choice: 250 points, which count for no level.
2025-06-10        activity 3  birthday_points                                             | 370  tier=insider gathered=$120.60
2025-08-02        order 4  $239.40  channel=store                                       | 609  tier=vib until=2027-01-01 gathered=$360.00
2025-08-03        redeem 5a  500  reward=cash basket=$9.99                              | MIN_PURCHASE  balance=609
2025-08-03        redeem 5b  500  reward=cash basket=$45.00                             | 109  worth=$10.00
2025-08-03        order 5  $45.00  channel=web  paid=points:$10.00,card:$35.00          | 144  gathered=$395.00
2025-08-03        redeem 5c  2500  reward=rouge-reward                                  | REWARD_TIER
# A day that gives this level three times.
2025-11-08        order 6  $100.00  channel=app                                         | 444  gathered=$495.00 merchandise=300 event-vib=applies event-insider=TIER
2025-12-05        refund 7  4  all                                                      | 205  gathered=$255.60 tier={recompute: insider | keep: vib}
2026-01-01        -                                                                     | 205  gathered=$0.00 tier={recompute: insider | keep: vib}
# Twelve months after the last order; a return keeps nothing alive.
2026-11-07T23:59  -                                                                     | 205
2026-11-08T00:00  -                                                                     | 0
2027-01-01        -                                                                     | 0    tier=insider
