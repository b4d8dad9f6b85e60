"""Chats in English: `#` subject, `>` the customer, `<` the shop, `!` a colleague's note the customer never sees."""

CHATS = """
# Where is my order
> Hi, order {order} says shipped but tracking hasn't moved for four days. Any idea?
< Hello {name}, {agent} here. It's cleared customs this morning, so it should move again today.
> Will I have to pay duty?
< No, that's all included in the price you paid.
> Great, thanks
# Broken in the post
> Hello, one of the plates arrived in three pieces :(
< Oh no, so sorry. Could you send a photo to hello@lipowa-oak.example?
> Just did
< Got it. A new one goes out today, no need to return the old one.
> Brilliant service, thank you
# Grind size
> Which setting on the walnut hand grinder for a moka pot?
< Around 12 clicks. If it tastes bitter, go up two.
> Perfect ta
# Return
> I'd like to return the {product}, it's bigger than I thought. Order {order}.
< No problem at all, {name}. You have 30 days. I've e-mailed you a prepaid label.
> Do I need the original box?
< Any sturdy box is fine.
# Delivery to Ireland
> Do you ship to Ireland and how long does it take?
< We do! 4–5 working days, €6.90, free over €60.
> And to the islands? I'm on Inis Oírr
< Add two days for the ferry, but yes.
# Wrong item
> I ordered the {product} and got a bread tin?
< I'm sorry about that, looks like two labels were swapped. The right one leaves today by express.
> What do I do with the tin?
< Please keep it, with our apologies. Sourdough season is coming.
> haha ok, thanks
# Discount code
> The code WELCOME10 says expired
< It runs for 30 days after signing up. I've made you a fresh one, check your inbox.
> Found it, cheers
# Is it dishwasher safe
> Is the Mist stoneware dishwasher safe?
< Yes, up to 60 degrees. Microwave too.
> And the oak board?
< Hand wash only please, and a little oil now and then.
# Change of address
> I've just moved, can you change the address on {order}? It hasn't shipped yet.
< Sure, what's the new one? You can also change it in your account for next time.
> Updated in my account just now
< I see it, label reprinted.
# Gift wrap
> Could you gift wrap the {product} and leave out the receipt?
< Of course. Shall we add a card?
> "Happy birthday Mum, love from us all" please
< Written and packed!
# Coffee subscription
> Do you do coffee subscriptions?
< Not yet, we're planning it for next year. Shall I put you on the list?
> Yes please
! Add to the subscription waiting list.
# Allergies
> Do the soy candles contain nut oils?
< No nut oils in any of them. The linden and honey one contains beeswax.
> Thank you, that helps
# Refund timing
> You said refunded five days ago but nothing on my card
< The bank took it on Tuesday, it can take up to seven days to show. If it's not there on Monday, write me directly.
> ok will do
# Store visit
> We're in Kraków next weekend, where's your store and is it open on Sunday?
< Lovely! Karmelicka 14. Saturday 10–20, but closed this Sunday, most shops in Poland are.
> Saturday it is
# Espresso machine
> Is the oak espresso machine 240V with a UK plug?
< It comes with an EU plug and a UK adapter in the box.
> And the warranty?
< Two years, we pay postage both ways.
> Ordering now
# Unsubscribe
> Please take me off the mailing list, I've clicked unsubscribe twice
< Sorry about that! You're off the list now, I did it by hand.
> Thank you
! Unsubscribed by hand at the customer's request.
# Invoice
> Can I get a VAT invoice for {order}?
< Yes, what name and VAT number should go on it?
> I'll e-mail them
< Great, it'll be in your account within the hour.
# Compliment
> No question, just wanted to say the {product} is gorgeous
< That made our morning, {name}. Thank you!
"""
