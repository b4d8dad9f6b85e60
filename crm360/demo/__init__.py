"""The demo shop "Lipowa & Oak": home, kitchen and coffee goods; a web shop, a chat, three stores, a mailing list.

Everything is invented and the same for the same last day: people, what they buy and write, every moment. It enters the
database as any shop's data would: webhooks and tracking calls through the doors, files through the importer.

People to look up (their stories are scripted in `stories`, the slips of the sources in `oddities`):

* **Anna Kowalska**, Kraków: web shop, till, chat, mailbox, newsletter. Her loyalty card knows only a name and a phone;
  the phone joins it to her account. 13 purchases, an abandoned cart, a chat, an e-mail thread, a visit before she had an
  account, notes and tags; newsletter consent given with notice and time, withdrawn on the last 3 May, 19:42; SMS stands.
* **Jan Nowak** and **Jan Nowak**, Gdańsk: father (1951) and son (1980) at one address with one mailbox
  (nowakowie@poczta.example) and one landline; two people, two cards.
* **Aleksandra Wiśniewska** of the web shop and **Ola Wiśniewska** of the till, Wrocław: same name and
  door, different phones. One woman with two numbers, or a niece? A person has to look.
* **Piotr Zieliński** in Gdańsk and **Piotr Zieliński** in Wrocław: one name, two people.
* **Katarzyna Wójcik**, who married, became **Mazur** and moved from Warszawa to Kraków. The chat calls her Kasia.
* **Emma Walsh**, Dublin: pays in euros, chats in English, sent a lamp back and was refunded.
* **Robert Hughes**, London, **Bob** to his friends, and Bob *Huges* to the mailing list.
* **Michał Dąbrowski**, Wrocław: cancelled a grinder, ordered it again, and complains by e-mail.
* **Zofia Lewandowska**, Gdańsk: the cashier typed brak@brak.pl and 000000000 for her, as for many others.
* **Beata Kaczmarek**, Kraków: a cashier whose own card is on many receipts of people who just walked in.
* **Kawiarnia Pod Lipą** and 30 other companies with a NIP, whose people share one info@ or biuro@ mailbox.
"""
