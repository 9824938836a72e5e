"""A Discord of our own: the real client library connects to it over real sockets.

    async with SimulatedDiscord() as discord:
        guild = discord.guild("Test", channels=["general"])
        anna = guild.member("Anna")
        answer = await anna.slash(guild["general"], "image", prompt="a red fox")
        message = await answer.until(lambda shown: shown.files)
        await anna.reply(message, "make it blue")

It keeps Discord's rules: three seconds to answer, one answer, tokens of fifteen minutes, limits on
sizes and lengths, permissions, rate limits. Each request is checked against Discord's own OpenAPI
description; what does not conform is listed in `discord.violations`.
"""
