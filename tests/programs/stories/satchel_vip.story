# Three orders make a VIP, who comes into the sale six hours before the others.

program  satchel_vip

2025-09-01            @vip      join                                   | 0
2025-09-01            @regular  join                                   | 0
2025-09-10            @vip      order A  £150.00                       | 0     pending=150 tier=regular
2025-10-10            @vip      order B  £120.00                       | 150   tier=regular
2025-11-10            @vip      order C  £140.00                       | 270   tier=vip
2025-11-20            @regular  order D  £50.00                        | 0
2025-11-27T17:59:59   @vip      redeem E1  -  reward=sale-early        | REWARD_NOT_NOW
2025-11-27T18:00:00   @vip      redeem E2  -  reward=sale-early        | 409
2025-11-27T18:00:01   @vip      redeem E3  -  reward=sale-early        | REWARD_LIMIT
2025-11-27T18:00:02   @regular  redeem E4  -  reward=sale-early        | REWARD_TIER
# Recommending counts four times a year, following once for each network.
2025-11-28            @vip      activity F1  follow  subject=instagram | 409   pending=10
2025-11-28            @vip      activity F2  follow  subject=instagram | 409   pending=10 follow=SUBJECT_CAP
