"""What people might say, in twelve kinds of writing."""

# ruff: noqa: RUF001 (Chinese and Japanese punctuation is meant.)

from __future__ import annotations

PROMPTS: dict[str, tuple[str, ...]] = {
    "Latin": (
        "Wait!",
        "I've never seen anything like this in my whole life, Captain.",
        "Où est-il passé ? Ça m'étonne… Ô rage !",
        "Jožo ťažko číta, ale Ågot spør: “Så?”",
    ),
    "long words": (
        "Die Donaudampfschifffahrtsgesellschaft kündigt!",
        "Rechtsschutzversicherungsgesellschaften",
        "Grundstücksverkehrsgenehmigungszuständigkeit ist wichtig",
        "Supercalifragilisticexpialidocious is what she said.",
    ),
    "Cyrillic": (
        "Привет! Ты правда думаешь, что это сработает?",
        "Електрифікація їхньої ґанки",
        "Љубав и Џеп",
        "Достопримечательность!",
    ),
    "Greek": (
        "Καλημέρα, τι κάνεις σήμερα φίλε μου;",
        "Ευχαριστώ!",
        "Ποιος είναι εκεί; Άνοιξε την πόρτα.",
        "ΓΡΗΓΟΡΑ!",
    ),
    "Arabic": (
        "مرحبا بالعالم! كيف الحال؟",
        "لا أعرف ماذا أقول لك يا صديقي العزيز.",
        "سلام! این یک آزمایش فارسی است می‌روم",
        "انتظر 10 دقائق (فقط)!",
    ),
    "Hebrew": (
        "שלום עולם, מה שלומך היום?",
        "חכה! Captain Nova מגיעה",
        "בְּרֵאשִׁית בָּרָא",
        "אני לא מאמין שזה קרה.",
    ),
    "Chinese": (
        "我从来没有见过这样的事情，队长！",
        "等一下……",
        "「這是什麼？」她問道。",
        "小心！后面有一只很大的机器人正在靠近我们。",
    ),
    "Japanese": (
        "吾輩は猫である。名前はまだ無い。",
        "えっ、本当ですか？",
        "「とんと」見当がつかぬ……",
        "スーパーヒーロー、ただいま参上！",
    ),
    "Korean": (
        "안녕하세요 세계여러분 정말 반갑습니다!",
        "잠깐만!",
        "이런 일은 평생 처음 봅니다, 대장님.",
        "조심해! 뒤에 로봇이 있어.",
    ),
    "Thai": (
        "ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน",
        "เดี๋ยวก่อน!",
        "ฉันไม่เคยเห็นอะไรแบบนี้มาก่อนเลย",
        "ที่นี่มีน้ำแข็งไหม ปู่กุ๊ก",
    ),
    "Devanagari": (
        "हिन्दी क्षत्रिय किताबें पढ़ना अच्छा है",
        "रुको!",
        "मैंने अपने पूरे जीवन में ऐसा कभी नहीं देखा।",
        "ज्ञान, श्रद्धा और शक्ति",
    ),
    "emoji": (
        "Wow 😀 that is 🔥🔥 👨‍👩‍👧‍👦 great ❤️",
        "🇩🇪🇯🇵👍🏽1️⃣",
        "♪ La la ♥ ★ ☺ 100% → №5 €",
        "😀😀😀😀😀😀😀😀",
    ),
}
MANNERS = ("say", "think", "shout", "whisper", "caption")
