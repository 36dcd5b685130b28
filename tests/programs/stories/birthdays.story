# Born on 29 February: the 28th in common years. Who tells a birthday less than a month
# before it waits for the next one.

program  birthdays

2024-01-01   @leap  join  birthday=02-29                  | 0
2024-02-28   @leap  activity G1  birthday_gift            | 0    birthday-gift=BIRTHDAY
2024-02-29   @leap  activity G2  birthday_gift            | 250  birthday-gift=250
2024-03-01   @leap  activity G3  birthday_gift            | 250  birthday-gift=YEARLY_CAP
2025-02-27   @leap  activity G4  birthday_gift            | 250  birthday-gift=BIRTHDAY
2025-02-28   @leap  activity G5  birthday_gift            | 500
2025-03-10   @leap  order A  £10.00                       | 260  spend=10 birthday-month=BIRTHDAY
2026-02-01   @leap  order B  £10.00                       | 290  spend=30
2026-02-02   @leap  refund R  B  £5.00                    | 275  spend=15
2026-02-03   @leap  activity S1  scratch_card             | 295  scratch-card=20
2026-02-03   @leap  activity S2  scratch_card             | 295  scratch-card=DAILY_CAP
2026-05-20   @late  join  birthday=06-10                  | 0
2026-06-10   @late  order C  £10.00                       | 10
2027-06-10   @late  order D  £10.00                       | 40
