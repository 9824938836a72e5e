"""What characters say when nobody said what: stock phrases by language and place in the story."""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

from core.writing import Manner

Spoken = tuple[Manner, str]
Beat = str
"""setup, rising, turn, reaction, punch; report, hunt, fix, merged for a bug's story."""

EN: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "What a day for this!"), ("say", "Now, this is going to be good."),
              ("think", "Nothing could go wrong today.")),
    "rising": (("say", "Wait. Did you see that?"), ("whisper", "Something is odd here…"),
               ("say", "Just a little further.")),
    "turn": (("shout", "Oh no!"), ("shout", "That was not the plan!"), ("shout", "Look out!")),
    "reaction": (("think", "Stay calm. Look busy."), ("whisper", "Maybe nobody noticed."),
                 ("say", "I can explain.")),
    "punch": (("say", "Well. Same time tomorrow?"), ("say", "Exactly as planned."),
              ("think", "Next time I stay in bed.")),
    "report": (("say", "Is it supposed to do that?"), ("shout", "It did it again!")),
    "hunt": (("think", "It works on my machine…"), ("whisper", "I can hear it in the walls.")),
    "fix": (("shout", "Got it! It was one line."), ("shout", "Found you!")),
    "merged": (("say", "All green. Ship it."), ("think", "There are two more behind the sofa.")),
}  # fmt: skip
DE: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "Was für ein Tag!"), ("say", "Das wird großartig."),
              ("think", "Heute kann nichts schiefgehen.")),
    "rising": (("say", "Moment. Hast du das gesehen?"), ("whisper", "Hier stimmt etwas nicht…"),
               ("say", "Nur noch ein kleines Stück.")),
    "turn": (("shout", "Oh nein!"), ("shout", "So war das nicht geplant!"), ("shout", "Vorsicht!")),
    "reaction": (("think", "Ruhig bleiben. Beschäftigt aussehen."),
                 ("whisper", "Vielleicht hat es niemand gemerkt."), ("say", "Ich kann das erklären.")),
    "punch": (("say", "Na dann: morgen um dieselbe Zeit?"), ("say", "Genau wie geplant."),
              ("think", "Nächstes Mal bleibe ich im Bett.")),
    "report": (("say", "Soll das so sein?"), ("shout", "Da, schon wieder!")),
    "hunt": (("think", "Bei mir läuft es…"), ("whisper", "Ich höre es in den Wänden.")),
    "fix": (("shout", "Ich hab's! Es war eine einzige Zeile."), ("shout", "Da bist du ja!")),
    "merged": (("say", "Alles grün. Raus damit."), ("think", "Hinterm Sofa sitzen noch zwei.")),
}  # fmt: skip
FR: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "Quelle belle journée !"), ("say", "Ça va être formidable."),
              ("think", "Rien ne peut mal tourner.")),
    "rising": (("say", "Attends. Tu as vu ça ?"), ("whisper", "Il y a quelque chose de bizarre…"),
               ("say", "Encore un petit effort.")),
    "turn": (("shout", "Oh non !"), ("shout", "Ce n'était pas prévu !"), ("shout", "Attention !")),
    "reaction": (("think", "Du calme. Avoir l'air occupé."), ("whisper", "Personne n'a rien vu."),
                 ("say", "Je peux tout expliquer.")),
    "punch": (("say", "Bon. Demain, même heure ?"), ("say", "Exactement comme prévu."),
              ("think", "La prochaine fois, je reste au lit.")),
    "report": (("say", "C'est censé faire ça ?"), ("shout", "Encore !")),
    "hunt": (("think", "Chez moi, ça marche…"), ("whisper", "Je l'entends dans les murs.")),
    "fix": (("shout", "Trouvé ! C'était une seule ligne."), ("shout", "Te voilà !")),
    "merged": (("say", "Tout est vert. On livre."),
               ("think", "Il y en a deux autres derrière le canapé.")),
}  # fmt: skip
ES: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "¡Qué día tan bueno!"), ("say", "Esto va a salir genial."),
              ("think", "Hoy nada puede salir mal.")),
    "rising": (("say", "Espera. ¿Has visto eso?"), ("whisper", "Aquí pasa algo raro…"),
               ("say", "Solo un poco más.")),
    "turn": (("shout", "¡Oh, no!"), ("shout", "¡Ese no era el plan!"), ("shout", "¡Cuidado!")),
    "reaction": (("think", "Calma. Hay que parecer ocupado."), ("whisper", "Quizá nadie lo notó."),
                 ("say", "Puedo explicarlo.")),
    "punch": (("say", "Bueno. ¿Mañana a la misma hora?"), ("say", "Tal como estaba planeado."),
              ("think", "La próxima vez me quedo en la cama.")),
    "report": (("say", "¿Tiene que hacer eso?"), ("shout", "¡Otra vez!")),
    "hunt": (("think", "En mi máquina funciona…"), ("whisper", "Lo oigo en las paredes.")),
    "fix": (("shout", "¡Lo tengo! Era una sola línea."), ("shout", "¡Ahí estás!")),
    "merged": (("say", "Todo en verde. Adelante."), ("think", "Hay dos más detrás del sofá.")),
}  # fmt: skip
PT: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "Que dia bonito!"), ("say", "Isto vai ser ótimo."),
              ("think", "Hoje nada pode dar errado.")),
    "rising": (("say", "Espera. Você viu aquilo?"), ("whisper", "Tem algo estranho aqui…"),
               ("say", "Só mais um pouco.")),
    "turn": (("shout", "Ah, não!"), ("shout", "Não era esse o plano!"), ("shout", "Cuidado!")),
    "reaction": (("think", "Calma. Finja que está ocupado."), ("whisper", "Talvez ninguém notou."),
                 ("say", "Eu posso explicar.")),
    "punch": (("say", "Bem. Amanhã à mesma hora?"), ("say", "Exatamente como planejado."),
              ("think", "Da próxima vez fico na cama.")),
    "report": (("say", "É para fazer isso?"), ("shout", "De novo!")),
    "hunt": (("think", "Na minha máquina funciona…"), ("whisper", "Dá para ouvir nas paredes.")),
    "fix": (("shout", "Achei! Era uma linha só."), ("shout", "Aí está você!")),
    "merged": (("say", "Tudo verde. Pode lançar."), ("think", "Há mais dois atrás do sofá.")),
}  # fmt: skip
IT: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "Che bella giornata!"), ("say", "Andrà benissimo."),
              ("think", "Oggi non può andare storto niente.")),
    "rising": (("say", "Aspetta. Hai visto?"), ("whisper", "Qui c'è qualcosa di strano…"),
               ("say", "Ancora un pochino.")),
    "turn": (("shout", "Oh no!"), ("shout", "Non era questo il piano!"), ("shout", "Attenzione!")),
    "reaction": (("think", "Calma. Far finta di niente."), ("whisper", "Forse nessuno ha visto."),
                 ("say", "Posso spiegare.")),
    "punch": (("say", "Bene. Domani alla stessa ora?"), ("say", "Proprio come previsto."),
              ("think", "La prossima volta resto a letto.")),
    "report": (("say", "È normale che faccia così?"), ("shout", "Di nuovo!")),
    "hunt": (("think", "Sul mio computer funziona…"), ("whisper", "Lo sento nei muri.")),
    "fix": (("shout", "Trovato! Era una riga sola."), ("shout", "Eccoti!")),
    "merged": (("say", "Tutto verde. Si parte."), ("think", "Ce ne sono altri due dietro il divano.")),
}  # fmt: skip
RU: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "Какой чудесный день!"), ("say", "Сейчас будет здорово."),
              ("think", "Сегодня всё получится.")),
    "rising": (("say", "Стой. Это что было?"), ("whisper", "Тут что-то не так…"),
               ("say", "Ещё совсем чуть-чуть.")),
    "turn": (("shout", "О нет!"), ("shout", "Так не договаривались!"), ("shout", "Осторожно!")),
    "reaction": (("think", "Спокойно. Делаем вид, что так и надо."),
                 ("whisper", "Может, никто не заметил."), ("say", "Сейчас всё объясню.")),
    "punch": (("say", "Что ж. Завтра в то же время?"), ("say", "Всё по плану."),
              ("think", "В следующий раз лучше поспать.")),
    "report": (("say", "Так и должно быть?"), ("shout", "Вот, опять!")),
    "hunt": (("think", "У меня всё работает…"), ("whisper", "Слышно, как шуршит в стене.")),
    "fix": (("shout", "Есть! Всего одна строка."), ("shout", "Вот ты где!")),
    "merged": (("say", "Всё зелёное. Выпускаем."), ("think", "За диваном сидят ещё двое.")),
}  # fmt: skip
JA: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "いい天気だね！"), ("say", "きっとうまくいくよ。"), ("think", "今日は完璧だ。")),
    "rising": (("say", "待って。今の見た？"), ("whisper", "何かおかしい…"), ("say", "あと少しだけ。")),
    "turn": (("shout", "うわあ！"), ("shout", "話が違う！"), ("shout", "危ない！")),
    "reaction": (("think", "落ち着け。平気な顔だ。"), ("whisper", "誰も見てないよね。"),
                 ("say", "これには訳が…")),
    "punch": (("say", "じゃあ、明日も同じ時間に？"), ("say", "計画どおり。"),
              ("think", "次は寝ていよう。")),
    "report": (("say", "これ、仕様ですか？"), ("shout", "また出た！")),
    "hunt": (("think", "手元では動くのに…"), ("whisper", "壁の中から音がする。")),
    "fix": (("shout", "直った！たった一行！"), ("shout", "見つけた！")),
    "merged": (("say", "全部グリーン。出荷しよう。"), ("think", "ソファの裏にあと二匹…")),
}  # fmt: skip
ZH: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "今天真是好日子！"), ("say", "这次一定很棒。"), ("think", "今天不会出错的。")),
    "rising": (("say", "等等，你看见了吗？"), ("whisper", "有点不对劲……"), ("say", "再往前一点点。")),
    "turn": (("shout", "糟了！"), ("shout", "计划里没有这个！"), ("shout", "小心！")),
    "reaction": (("think", "冷静，装作很忙。"), ("whisper", "也许没人看见。"), ("say", "我可以解释。")),
    "punch": (("say", "好吧，明天同一时间？"), ("say", "一切按计划进行。"), ("think", "下次还是睡觉吧。")),
    "report": (("say", "它本来就是这样的吗？"), ("shout", "又来了！")),
    "hunt": (("think", "在我电脑上是好的……"), ("whisper", "我听见它在墙里。")),
    "fix": (("shout", "找到了！只是一行代码！"), ("shout", "原来你在这里！")),
    "merged": (("say", "全绿，发布吧。"), ("think", "沙发后面还有两只。")),
}  # fmt: skip
KO: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "정말 좋은 날이야!"), ("say", "이건 분명 멋질 거야."),
              ("think", "오늘은 다 잘될 거야.")),
    "rising": (("say", "잠깐. 방금 봤어?"), ("whisper", "뭔가 이상해…"), ("say", "조금만 더.")),
    "turn": (("shout", "안 돼!"), ("shout", "이건 계획에 없었어!"), ("shout", "조심해!")),
    "reaction": (("think", "침착하게. 바쁜 척하자."), ("whisper", "아무도 못 봤겠지?"),
                 ("say", "설명할 수 있어.")),
    "punch": (("say", "그럼 내일 같은 시간에?"), ("say", "계획대로야."), ("think", "다음엔 그냥 자야지.")),
    "report": (("say", "원래 이런 건가요?"), ("shout", "또 그래요!")),
    "hunt": (("think", "내 컴퓨터에선 되는데…"), ("whisper", "벽 속에서 소리가 나.")),
    "fix": (("shout", "찾았다! 딱 한 줄이었어!"), ("shout", "여기 있었구나!")),
    "merged": (("say", "전부 초록불. 배포하자."), ("think", "소파 뒤에 두 마리 더 있어.")),
}  # fmt: skip
AR: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "يا له من يوم جميل!"), ("say", "سيكون هذا رائعًا."), ("think", "لن يحدث أي خطأ اليوم.")),
    "rising": (("say", "لحظة. ما هذا؟"), ("whisper", "هناك شيء غريب…"), ("say", "بقي القليل فقط.")),
    "turn": (("shout", "يا إلهي، لا!"), ("shout", "لم تكن هذه الخطة!"), ("shout", "انتبهوا!")),
    "reaction": (("think", "الهدوء. كأن شيئًا لم يكن."), ("whisper", "ربما لم يلاحظ أحد."),
                 ("say", "يمكنني أن أشرح.")),
    "punch": (("say", "حسنًا. غدًا في الموعد نفسه؟"), ("say", "تمامًا كما خططنا."),
              ("think", "في المرة القادمة سأنام.")),
    "report": (("say", "هل هذا طبيعي؟"), ("shout", "حدث ذلك مرة أخرى!")),
    "hunt": (("think", "يعمل على جهازي…"), ("whisper", "أسمعه داخل الجدران.")),
    "fix": (("shout", "وجدته! كان سطرًا واحدًا."), ("shout", "ها هو!")),
    "merged": (("say", "كل شيء أخضر. لننشره."), ("think", "هناك اثنان خلف الأريكة.")),
}  # fmt: skip
HE: dict[Beat, tuple[Spoken, ...]] = {
    "setup": (("say", "איזה יום נהדר!"), ("say", "זה הולך להיות מצוין."), ("think", "היום הכול יצליח.")),
    "rising": (("say", "רגע. מה זה היה?"), ("whisper", "משהו כאן מוזר…"), ("say", "עוד קצת.")),
    "turn": (("shout", "אוי לא!"), ("shout", "זאת לא הייתה התוכנית!"), ("shout", "זהירות!")),
    "reaction": (("think", "להישאר רגועים."), ("whisper", "אולי אף אחד לא שם לב."),
                 ("say", "יש לזה הסבר.")),
    "punch": (("say", "טוב. מחר באותה שעה?"), ("say", "בדיוק לפי התוכנית."),
              ("think", "בפעם הבאה נשארים במיטה.")),
    "report": (("say", "זה אמור לקרות?"), ("shout", "שוב זה קרה!")),
    "hunt": (("think", "אצלי זה עובד…"), ("whisper", "שומעים אותו בקירות.")),
    "fix": (("shout", "מצאתי! זאת הייתה שורה אחת."), ("shout", "הנה זה!")),
    "merged": (("say", "הכול ירוק. משחררים."), ("think", "יש עוד שניים מאחורי הספה.")),
}  # fmt: skip

PHRASES = {"en": EN, "de": DE, "fr": FR, "es": ES, "pt": PT, "it": IT, "ru": RU, "ja": JA, "zh": ZH,
           "ko": KO, "ar": AR, "he": HE}  # fmt: skip
ROLES = {
    "en": ("Ann", "Ben"), "de": ("Anna", "Ben"), "fr": ("Anne", "Benoît"), "es": ("Ana", "Beto"),
    "pt": ("Ana", "Bento"), "it": ("Anna", "Bruno"), "ru": ("Аня", "Боря"), "ja": ("アヤ", "ケン"),
    "zh": ("小安", "小本"), "ko": ("지안", "민호"), "ar": ("آمنة", "باسم"), "he": ("ענת", "בני"),
}  # fmt: skip
CREW = {
    "en": ("Reporter", "Maintainer"), "de": ("Melder", "Betreuer"), "fr": ("Usager", "Dev"),
    "es": ("Usuario", "Dev"), "pt": ("Usuário", "Dev"), "it": ("Utente", "Dev"),
    "ru": ("Автор", "Разработчик"), "ja": ("報告者", "開発者"), "zh": ("报告者", "开发者"),
    "ko": ("제보자", "개발자"), "ar": ("المبلِّغ", "المطوِّر"), "he": ("המדווח", "המפתח"),
}  # fmt: skip
"""Who reports a bug and who hunts it, where nobody is named."""
