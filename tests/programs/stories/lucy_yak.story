# A maker of dungarees: following counts once for each network, a friend's first order when
# thirty days have passed without its return, and the steps of money off need a basket of
# some size.

program  lucy_yak

2026-01-01   join  email=yak@example.org  address=1-High-Street-Brighton                 | 0
2026-01-02   order 1  £64.00                                                             | 64
2026-01-03   activity F1  follow  subject=instagram                                      | 84   follow=20
# Unfollowed, and followed again.
2026-01-05   activity F2  follow  subject=instagram                                      | 84   follow=SUBJECT_CAP
# Friend A buys, and returns everything on the twelfth day.
2026-01-06   @a  join  email=a@example.org  by=@member                                   | 0    referral=claimed
2026-01-06   @a  order A1  £45.00                                                        | 45   referral=qualified
2026-01-06   -                                                                           | 84   pending=100
2026-01-18   @a  refund R1  A1  all                                                      | 0    referral=reversed
2026-01-18   -                                                                           | 84   pending=0
2026-02-20   -                                                                           | 84
# Friend B's order stays.
2026-02-20   @b  join  email=b@example.org  by=@member                                   | 0    referral=claimed
2026-02-20   @b  order B1  £30.00                                                        | 30   referral=qualified
2026-03-21   -                                                                           | 84   pending=100
2026-03-21   @b  -                                                                       | 30   referral=qualified
2026-03-22   -                                                                           | 184  pending=0
2026-03-22   @b  -                                                                       | 30   referral=rewarded
# Who brings themselves, and who was a customer before.
2026-03-23   @c  join  email=yak+2@example.org  by=@member                               | 0    referral=SELF_REFERRAL
2026-03-23   @d  join  email=d@example.org  address=1_High_Street_Brighton  by=@member   | 0    referral=SELF_REFERRAL
2026-03-23   @c  order C1  £30.00                                                        | 30
2026-03-23   @e  join  email=b+new@example.org  by=@member                               | 0    referral=NOT_NEW
2026-04-30   -                                                                           | 184  pending=0
2026-05-01   order 7  £86.00                                                             | 270
2026-05-02   redeem 8  -  reward=twenty-five-pounds basket=£58.00                        | MIN_PURCHASE  balance=270
2026-05-02   redeem 9  -  reward=twenty-five-pounds basket=£62.00                        | 20   worth=£25.00
2026-05-02   order 9  £62.00  paid=points:£25.00,card:£37.00                             | 57   purchase=37
