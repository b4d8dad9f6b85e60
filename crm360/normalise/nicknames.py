"""Given names we know, Polish and English, and the pet forms they go by; all in folded spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_POLISH = """
adam: adas adasko; adrian: adi adrianek; agata: agatka; agnieszka: aga agusia agula jagna; aldona: aldonka;
aleksander: alek olek aleks sasza olo; aleksandra: ola olka olenka oleczka sandra aleks; alicja: ala alka alunia;
andrzej: jedrek jedrzej andrzejek; aneta: anetka; aniela: anielka; anna: ania anka anula anusia andzia hania ann;
antoni: antek antos tolek; arkadiusz: arek arus; artur: arturek; barbara: basia baska basienka;
bartlomiej: bartek bartus; bartosz: bartek bartus; beata: beatka; bogdan: bodzio bogus; boguslaw: bogus bogdan;
bogumila: bogusia; boguslawa: bogusia; bozena: bozenka; cecylia: cela cecylka; celina: celinka cela;
cezary: czarek czarus; czeslaw: czesiek czesio; czeslawa: czesia; damian: damianek; daniel: danielek;
danuta: danka danusia danuska; dariusz: darek darus; dominik: dominiczek domino; dominika: domi domka nika;
dorota: dorotka dora; edward: edek edzio; edyta: edytka edzia; elzbieta: ela elka elunia bietka elza;
emilia: emilka emi mila; eugeniusz: gienek genek; ewa: ewka ewunia ewcia; ewelina: ewelinka ewka; feliks: felek;
filip: filipek fifi; franciszek: franek franio; franciszka: frania franka; gabriela: gabi gabrysia;
genowefa: genia gienia; grazyna: grazynka grazka; grzegorz: grzesiek grzes grzesio; halina: halinka hala halka;
hanna: hania hanka hanusia; helena: hela helenka lena; henryk: heniek henio; hubert: hubcio; ignacy: ignas ignac;
irena: irenka irka ira; iwona: iwonka iwka; jacek: jacus; jadwiga: jadzia jadzka jaga; jakub: kuba kubus jakubek;
jan: janek jas jasiek jasio janusz; janina: janka jasia janeczka; janusz: janek januszek; jaroslaw: jarek jarus;
jerzy: jurek jerzyk jurand; joanna: asia joasia aska joaska asienka; jolanta: jola jolka; jozef: jozek jozio;
jozefa: jozia; julia: julka jula julcia; justyna: justynka justysia; kacper: kacperek; kamil: kamilek;
kamila: kamilka kama; karol: karolek lolek; karolina: karola karolinka karo; katarzyna: kasia kaska kasienka kachna;
kazimierz: kazik kazio; kinga: kinia kingusia; klaudia: klaudusia klaudyna; konrad: konradek; kornelia: kornelka nela;
krystian: krystek; krystyna: krysia kryska krycha; krzysztof: krzysiek krzys krzysio krzychu; leszek: lesio lech;
lidia: lidka lida; lucja: lucia lucyna; lucyna: lucynka lucka; lukasz: lukaszek luki; maciej: maciek macius;
magdalena: magda madzia magdusia lena; malgorzata: gosia goska malgosia gocha malgoska gosienka rita; marcin: marcinek;
marek: mareczek mareczko; maria: marysia maryla marynia marycha maja; marianna: marianka marysia;
marta: martusia martka; mariusz: mario mariuszek; martyna: martynka; mateusz: mati matek mateuszek;
michal: michalek misiek michas; mieczyslaw: mietek miecio; mikolaj: mikolajek miki mikus; miroslaw: mirek mirus;
miroslawa: mirka mirusia; monika: moniczka monia; natalia: natalka nati natka; oliwia: oliwka liwia;
patrycja: patka patrysia pati; patryk: patryczek patrys; paulina: paulinka paula; pawel: pawelek pawcio;
piotr: piotrek piotrus; przemyslaw: przemek przemko przemo; radoslaw: radek; rafal: rafalek rafcio;
renata: renatka renia; robert: robertek; roman: romek romus; ryszard: rysiek rysio; sebastian: seba sebek;
slawomir: slawek slawomirek; stanislaw: staszek stach stas stasiek; stanislawa: stasia stacha; stefan: stefek stefcio;
stefania: stefa stefcia; sylwia: sylwka sylwunia; szymon: szymek szymus; tadeusz: tadek tadzio;
teresa: tereska renia terenia; tomasz: tomek tomus tomcio; urszula: ula ulka urszulka; wanda: wandzia wandeczka;
waldemar: waldek; wieslaw: wiesiek wiesio; wieslawa: wiesia wieska; wiktor: wiktorek witus;
wiktoria: wika wiki wikusia; wioletta: wiola wiolka; wladyslaw: wladek wladzio; wlodzimierz: wlodek wlodzio;
wojciech: wojtek wojtus; zbigniew: zbyszek zbysiu zbycho; zdzislaw: zdzisiek zdzich; zenon: zenek;
zofia: zosia zoska zochna; zuzanna: zuza zuzia zuzka; zygmunt: zyga zygmus
"""

_ENGLISH = """
abigail: abby abbie gail; abraham: abe bram; adelaide: addie della; agnes: aggie nessie; albert: al bert bertie;
alexander: alex alec sandy xander lex sasha; alexandra: alex sandra lexi sandy sasha alexa; alfred: al alf alfie fred;
alice: allie ally; alison: ali allie ally; amanda: mandy manda; amelia: amy millie; andrea: andie; andrew: andy drew;
angela: angie; ann: annie nan nancy; anne: annie nan nancy ann anna; anthony: tony ant; antonia: toni;
archibald: archie; arthur: art artie; augustus: gus; barbara: barb babs barbie bobbie; bartholomew: bart;
beatrice: bea trixie; benjamin: ben benny benji benjy; bernard: bernie; bradley: brad; bridget: bridie biddy;
calvin: cal; cameron: cam; caroline: carrie caro carol; catherine: cathy kate katie cath kit kitty cat;
cecilia: cissy celia; charles: charlie chuck chas chaz; charlotte: charlie lottie lotte; chester: chet;
christian: chris; christina: chris tina chrissy christy; christine: chris tina chrissy christy;
christopher: chris kit topher; clifford: cliff; constance: connie; cornelius: neil; curtis: curt; cynthia: cindy;
daniel: dan danny; danielle: dani; david: dave davey; deborah: deb debbie debby debra; dennis: den denny;
donald: don donny; dorothy: dot dottie dolly dora; douglas: doug; edmund: ed eddie ned ted;
edward: ed eddie ned ted teddy; edwin: ed eddie; eleanor: ellie nell nora elle;
elizabeth: liz lizzie beth betty betsy eliza libby lisa liza bess elsie lilibet; emily: em emmy millie; emma: em emmie;
ernest: ernie; eugene: gene; evelyn: evie eve; florence: flo florrie flossie; frances: fran frankie fanny francie;
francis: frank frankie; franklin: frank; frederick: fred freddie freddy rick; gabriel: gabe; gabrielle: gabby gaby;
geoffrey: geoff jeff; george: georgie; gerald: gerry jerry; gerard: gerry jerry; gertrude: gertie trudy;
gilbert: gil bert; gregory: greg gregg; gwendolyn: gwen; harold: harry hal; harriet: hattie harry;
helen: nell nellie lena; henrietta: etta hettie; henry: harry hank hal; herbert: herb bert; hubert: hugh bert;
isaac: ike zac; isabella: bella izzy isa belle; isabel: bella izzy belle; jacob: jake; jacqueline: jackie;
james: jim jimmy jamie jem; jane: janey janie; janet: jan; jeffrey: jeff; jennifer: jen jenny jenn; jeremiah: jerry;
jeremy: jerry jez; jessica: jess jessie; joan: joanie; joanna: jo joey; joanne: jo; john: jack johnny jon;
jonathan: jon jonny nathan; joseph: joe joey jo; josephine: jo josie; joshua: josh; joyce: joy; judith: judy judi;
julia: jules julie; julian: jules; katherine: kate katie kathy kat kath kit kitty kathryn; kathleen: kathy kath katie;
kenneth: ken kenny; kimberly: kim kimmy; laurence: larry laurie; lawrence: larry laurie; leonard: len lenny leo;
leonora: nora; leroy: roy; leslie: les; lewis: lew lewie; lillian: lil lily; louis: lou louie; louise: lou lulu;
lucille: lucy; lucy: lu lulu; mabel: may; madeleine: maddie maddy; madison: maddie; magdalene: lena maggie;
marcus: marc mark; margaret: peggy maggie meg greta marge margie rita peg daisy madge megan;
martha: marty mattie patty; martin: marty; mary: molly polly mamie may; matilda: tilly mattie tilda;
matthew: matt matty; maurice: moe; maximilian: max; maxwell: max; melanie: mel; melissa: mel lissa;
michael: mike mick mickey mikey; michelle: shelly; mildred: millie; miranda: mandy; mitchell: mitch; nancy: nan;
nathan: nat nate; nathaniel: nat nate nathan; nicholas: nick nicky nico klaus; nicole: nicky nikki; norman: norm;
oliver: ollie olly; olivia: liv livvy; oscar: ossie; pamela: pam; patience: pat;
patricia: pat patty patsy trish tricia; patrick: pat paddy; paula: polly; penelope: penny; peter: pete;
philip: phil pip; philippa: pippa pip; phillip: phil pip; priscilla: cilla; prudence: pru prue; rachel: rae;
randolph: randy; raymond: ray; rebecca: becky becca; reginald: reg reggie; richard: dick rick rich richie ricky;
robert: bob bobby rob robbie bert robin; roberta: bobbie; roderick: rod roddy; rodney: rod; roger: rodge;
ronald: ron ronnie; rosemary: rose rosie; rudolph: rudy; russell: russ; samantha: sam sammy; samuel: sam sammy;
sarah: sally sadie sara; sebastian: seb bas; sidney: sid; simon: si; solomon: sol; sophia: sophie; stanley: stan;
stephanie: steph; stephen: steve stevie steven; steven: steve stevie; stuart: stu; susan: sue susie suzy;
susannah: sue susie suzy; suzanne: sue suzy; sylvester: sly; tabitha: tabby; terence: terry; teresa: terry tess tessa;
theodore: ted teddy theo; theresa: terry tess tessa tracy; thomas: tom tommy; timothy: tim timmy; tobias: toby;
valerie: val; vera: vee; veronica: ronnie vera; victor: vic; victoria: vicky vicki tori vic; vincent: vince vinnie;
violet: vi; virginia: ginny ginger; vivian: viv; walter: walt wally; wilfred: wilf fred; wilhelmina: minnie mina;
william: bill billy will willy liam willie; winifred: winnie freddie; zachary: zach zack zac
"""

_OTHERS = """
aaron adela alan albin alina amber amy andre angelika antonina april ashley ava bartosz blanka borys brandon brian
bruno carl carla carmen carol claire claudia clara colin craig dagmara dawid dean denis diana diane dylan ella elena
eliza emil emilian eric erica erik eryk ethan eva fabian faith fiona gary gavin george gloria grace graham greta gustaw
hannah heather holly ian ida igor ilona inga irina isla iwan iza izabela jack jaime jason jasmine jay jean jesse joel
jordan juan judy juliana julie juliusz justin kaja kalina karen karina kate keith kelly kevin klara kyle lara laura
lauren leo leon lena liam liliana linda lisa lola lucas luca luis luiza luke luna maja marc marcel marcela marco
maria marina mario mark marlena marlene marion max maya megan mia mila milan milena milosz mina mirella molly nadia
naomi natasha neil nela nell nelly nicola nikola nikodem nina noah norbert olaf oleg olga olgierd oskar otto owen
paul pola rachela ralph remigiusz rita roland rosa rose roxana roy ruben ruth ryan sabina sally sam sandra sara scott
sean sergiusz seweryn simone sonia sophie stella sue szczepan tamara tania tara taylor tim tina todd tola tom toni
tony tymon tymoteusz tyler una vanessa vera violetta waclaw waclawa weronika wendy wera wit witold xavier yvonne zoe
marian mariana kamilla krystal jon joann maryna paulin aurelia aureliusz julian juliana michalina
bogumil bronislaw bronislawa dobroslaw felicja florian gerard gracjan jarema jeremi joachim judyta kajetan klemens
leokadia leonard leopold ludwik ludwika lech lechoslaw marzena mieszko nataniel oktawia ryszarda salomea sonia
stanislawa wincenty zdzislawa ziemowit zenobia zaneta
"""


def _entries() -> list[tuple[str, list[str]]]:
    pairs = (entry.partition(":") for entry in f"{_POLISH};{_ENGLISH}".split(";") if entry.strip())
    return [(name.strip(), pets.split()) for name, _, pets in pairs]


def _by_pet_form() -> dict[str, frozenset[str]]:
    formal: dict[str, set[str]] = {}
    for name, pets in _entries():
        for pet in pets:
            formal.setdefault(pet, set()).add(name)
    return {pet: frozenset(names) for pet, names in formal.items()}


#: Pet form → the formal given names it may stand for (`bartek` → bartlomiej, bartosz). Spellings are folded.
NICKNAMES: Mapping[str, frozenset[str]] = MappingProxyType(_by_pet_form())

#: Every given name listed here, pet forms too: two of them one letter apart are two names, not a typing error.
KNOWN: frozenset[str] = frozenset({name for name, _ in _entries()} | set(NICKNAMES) | set(_OTHERS.split()))

#: The Polish ones with their pet forms.
POLISH: frozenset[str] = frozenset(re.findall(r"[a-z]+", _POLISH))
