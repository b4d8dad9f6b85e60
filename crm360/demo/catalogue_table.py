"""What the shelves hold: category, SKU, Polish name, English name, price in złoty. A table, read by `catalogue`."""

TABLE = """
= coffee | Kawa | Coffee
COF-1001 | Kawa Etiopia Guji 250 g | Ethiopia Guji coffee 250 g | 54
COF-1002 | Kawa Brazylia Santos 250 g | Brazil Santos coffee 250 g | 39
COF-1003 | Kawa Kolumbia Huila 250 g | Colombia Huila coffee 250 g | 46
COF-1004 | Kawa Gwatemala Antigua 250 g | Guatemala Antigua coffee 250 g | 49
COF-1005 | Espresso Lipowa 1 kg | Lipowa espresso blend 1 kg | 119
COF-1006 | Espresso Oak 500 g | Oak espresso blend 500 g | 72
COF-1007 | Kawa bezkofeinowa Meksyk 250 g | Mexico decaf coffee 250 g | 52
COF-1008 | Kawa Kenia Nyeri AA 250 g | Kenya Nyeri AA coffee 250 g | 64
COF-1009 | Drip bag mix 10 szt. | Drip bag selection, 10 pcs | 45
COF-1010 | Kawa świąteczna 250 g | Christmas coffee 250 g | 56
COF-1011 | Kawa Rwanda Gitesi 250 g | Rwanda Gitesi coffee 250 g | 58
COF-1012 | Cold brew 500 ml | Cold brew 500 ml | 19
COF-1013 | Kawa Honduras Marcala 250 g | Honduras Marcala coffee 250 g | 44
= brewing | Parzenie kawy | Coffee brewing
BRW-2001 | Młynek ręczny Orzech | Walnut hand grinder | 289
BRW-2002 | Dripper ceramiczny V2 | Ceramic dripper V2 | 79
BRW-2003 | Filtry papierowe V2 100 szt. | V2 paper filters, 100 pcs | 24
BRW-2004 | Kawiarka 6 filiżanek | Moka pot, 6 cups | 129
BRW-2005 | French press 0,8 l | French press 0.8 l | 149
BRW-2006 | Czajnik z gęsią szyją 1 l | Gooseneck kettle 1 l | 259
BRW-2007 | Waga baristy z timerem | Barista scale with timer | 199
BRW-2008 | Spieniacz do mleka | Milk frother | 89
BRW-2009 | Ekspres kolbowy Dąb 15 bar | Oak espresso machine, 15 bar | 1490
BRW-2010 | Młynek elektryczny Buk | Beech electric grinder | 649
BRW-2011 | Dzbanek do mleka 350 ml | Milk pitcher 350 ml | 65
BRW-2012 | Tamper z drewnianą rączką 58 mm | Wooden-handle tamper 58 mm | 119
= tea | Herbata | Tea
TEA-3001 | Herbata Earl Grey 100 g | Earl Grey tea 100 g | 28
TEA-3002 | Herbata Assam TGFOP 100 g | Assam TGFOP tea 100 g | 32
TEA-3003 | Sencha Uji 80 g | Sencha Uji 80 g | 45
TEA-3004 | Napar lipowy 50 g | Linden flower infusion 50 g | 19
TEA-3005 | Rooibos z pomarańczą 100 g | Rooibos with orange 100 g | 26
TEA-3006 | Mięta pieprzowa 50 g | Peppermint 50 g | 17
TEA-3007 | Herbata zimowa z goździkami 100 g | Winter tea with cloves 100 g | 29
TEA-3008 | Matcha ceremonialna 30 g | Ceremonial matcha 30 g | 89
TEA-3009 | Oolong Tie Guan Yin 80 g | Tie Guan Yin oolong 80 g | 54
TEA-3010 | Zaparzacz stalowy | Steel tea infuser | 29
TEA-3011 | Imbryk żeliwny 0,9 l | Cast-iron teapot 0.9 l | 219
= tableware | Zastawa | Tableware
TBL-4001 | Kubek kamionkowy Mgła 300 ml | Mist stoneware mug 300 ml | 49
TBL-4002 | Talerz obiadowy Mgła 27 cm | Mist dinner plate 27 cm | 59
TBL-4003 | Talerz deserowy Mgła 21 cm | Mist dessert plate 21 cm | 45
TBL-4004 | Miska Mgła 16 cm | Mist bowl 16 cm | 42
TBL-4005 | Filiżanka espresso ze spodkiem | Espresso cup and saucer | 39
TBL-4006 | Szklanka Ryflowana 350 ml, 4 szt. | Fluted tumbler 350 ml, set of 4 | 99
TBL-4007 | Karafka z korkiem 1 l | Carafe with cork 1 l | 89
TBL-4008 | Sztućce Łąka, 24 szt. | Meadow cutlery, 24 pcs | 399
TBL-4009 | Cukiernica z dębową pokrywką | Sugar bowl with oak lid | 69
TBL-4010 | Deska do serwowania dąb 40 cm | Oak serving board 40 cm | 129
TBL-4011 | Kieliszki do wina 6 szt. | Wine glasses, set of 6 | 159
TBL-4012 | Kubek emaliowany Las | Forest enamel mug | 39
TBL-4013 | Dzbanek kamionkowy Mgła 1,2 l | Mist stoneware jug 1.2 l | 139
= kitchen | Kuchnia | Kitchen
KIT-5001 | Nóż szefa kuchni 20 cm | Chef's knife 20 cm | 249
KIT-5002 | Patelnia żeliwna 26 cm | Cast-iron skillet 26 cm | 229
KIT-5003 | Garnek emaliowany 4 l | Enamel pot 4 l | 299
KIT-5004 | Deska do krojenia orzech | Walnut cutting board | 169
KIT-5005 | Łyżka drewniana bukowa | Beech wooden spoon | 19
KIT-5006 | Młynek do pieprzu dąb | Oak pepper mill | 119
KIT-5007 | Ściereczki lniane 3 szt. | Linen tea towels, set of 3 | 79
KIT-5008 | Fartuch lniany | Linen apron | 149
KIT-5009 | Forma do chleba | Bread tin | 69
KIT-5010 | Koszyk do wyrastania | Proofing basket | 59
KIT-5011 | Słoiki z bambusową pokrywką 3 szt. | Jars with bamboo lids, set of 3 | 89
KIT-5012 | Moździerz granitowy | Granite mortar | 139
KIT-5013 | Tarka stalowa | Steel grater | 45
= textiles | Tekstylia | Textiles
TXT-6001 | Koc wełniany Tatry 140×200 | Tatra wool blanket 140×200 | 349
TXT-6002 | Poszewka lniana 50×50 | Linen cushion cover 50×50 | 79
TXT-6003 | Obrus lniany 140×250 | Linen tablecloth 140×250 | 259
TXT-6004 | Pościel bawełniana 160×200 | Cotton bedding 160×200 | 299
TXT-6005 | Ręcznik kąpielowy wafel | Waffle bath towel | 89
TXT-6006 | Zasłona lniana 140×260 | Linen curtain 140×260 | 219
TXT-6007 | Pled bawełniany Fala | Wave cotton throw | 189
TXT-6008 | Serwetki lniane 4 szt. | Linen napkins, set of 4 | 69
TXT-6009 | Dywanik bawełniany 70×140 | Cotton rug 70×140 | 159
TXT-6010 | Szlafrok wafel | Waffle bathrobe | 249
TXT-6011 | Poduszka na krzesło | Chair cushion | 65
= lighting | Oświetlenie | Lighting
LGT-7001 | Lampa wisząca Klosz | Bell pendant lamp | 389
LGT-7002 | Lampka nocna Grzybek | Mushroom bedside lamp | 219
LGT-7003 | Lampa podłogowa Żuraw | Crane floor lamp | 749
LGT-7004 | Kinkiet mosiężny | Brass wall lamp | 329
LGT-7005 | Girlanda ogrodowa 10 m | Garden string lights 10 m | 159
LGT-7006 | Lampion papierowy 45 cm | Paper lantern 45 cm | 59
LGT-7007 | Żarówka filament E27 | Filament bulb E27 | 29
LGT-7008 | Lampa stołowa Dąb | Oak table lamp | 299
LGT-7009 | Latarenka stalowa | Steel lantern | 99
LGT-7010 | Abażur rattanowy | Rattan shade | 259
LGT-7011 | Lampki choinkowe ciepłe 20 m | Warm Christmas lights 20 m | 89
= candles | Świece i zapachy | Candles and scents
CND-8001 | Świeca sojowa Las po deszczu | Forest after rain soy candle | 69
CND-8002 | Świeca sojowa Lipa i miód | Linden and honey soy candle | 69
CND-8003 | Świeca sojowa Pomarańcza i goździk | Orange and clove soy candle | 69
CND-8004 | Dyfuzor patyczkowy Bawełna 100 ml | Cotton reed diffuser 100 ml | 89
CND-8005 | Świece stołowe 4 szt. | Dinner candles, set of 4 | 39
CND-8006 | Świecznik mosiężny | Brass candlestick | 79
CND-8007 | Kadzidełka sandałowe | Sandalwood incense | 25
CND-8008 | Mydło lipowe 100 g | Linden soap 100 g | 22
CND-8009 | Krem do rąk Lipa 75 ml | Linden hand cream 75 ml | 35
CND-8010 | Wosk zapachowy Piernik | Gingerbread wax melt | 19
CND-8011 | Podgrzewacze 24 szt. | Tealights, 24 pcs | 29
= home | Dom | Home
HOM-9001 | Wazon szklany Kropla | Drop glass vase | 99
HOM-9002 | Wazon ceramiczny Kamień | Stone ceramic vase | 149
HOM-9003 | Ramka dębowa 30×40 | Oak frame 30×40 | 85
HOM-9004 | Lustro okrągłe 60 cm | Round mirror 60 cm | 329
HOM-9005 | Półka dębowa 60 cm | Oak shelf 60 cm | 189
HOM-9006 | Kosz z trawy morskiej | Seagrass basket | 119
HOM-9007 | Zegar ścienny Brzoza | Birch wall clock | 179
HOM-9008 | Wieszak dębowy 5 haczyków | Oak coat rack, 5 hooks | 159
HOM-9009 | Stołek bukowy | Beech stool | 269
HOM-9010 | Taca rattanowa | Rattan tray | 109
HOM-9011 | Pudełko na herbatę | Tea box | 95
HOM-9012 | Plakat Kraków 50×70 | Kraków poster 50×70 | 79
HOM-9013 | Plakat Gdańsk 50×70 | Gdańsk poster 50×70 | 79
HOM-9014 | Plakat Wrocław 50×70 | Wrocław poster 50×70 | 79
= garden | Balkon i ogród | Balcony and garden
GRD-9501 | Doniczka terakotowa 18 cm | Terracotta pot 18 cm | 39
GRD-9502 | Osłonka ceramiczna 14 cm | Ceramic planter 14 cm | 49
GRD-9503 | Konewka cynkowana 3 l | Zinc watering can 3 l | 119
GRD-9504 | Nasiona ziół, zestaw | Herb seed set | 35
GRD-9505 | Leżak z drewna akacjowego | Acacia deckchair | 459
GRD-9506 | Stolik balkonowy składany | Folding balcony table | 329
GRD-9507 | Skrzynka na zioła dębowa | Oak herb box | 139
GRD-9508 | Karmnik dla ptaków | Bird feeder | 89
GRD-9509 | Rękawice ogrodowe lniane | Linen garden gloves | 45
GRD-9510 | Hamak bawełniany | Cotton hammock | 289
GRD-9511 | Sekator | Secateurs | 99
= gifts | Prezenty | Gifts
GFT-9801 | Zestaw kawosza | Coffee lover's gift set | 199
GFT-9802 | Zestaw herbaciany | Tea gift set | 149
GFT-9803 | Karta podarunkowa 100 zł | Gift card 100 | 100
GFT-9804 | Karta podarunkowa 250 zł | Gift card 250 | 250
GFT-9805 | Kalendarz adwentowy z kawą | Coffee advent calendar | 229
GFT-9806 | Kosz świąteczny Lipowa | Lipowa Christmas hamper | 349
GFT-9807 | Zestaw śniadaniowy Mgła | Mist breakfast set | 259
GFT-9808 | Notes w lnianej oprawie | Linen-bound notebook | 59
"""
