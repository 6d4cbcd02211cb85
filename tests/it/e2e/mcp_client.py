"""A client of the Model Context Protocol by its official SDK.

Starts the server that the arguments name, calls the tools that stdin lists as [[name, arguments], ...], and prints
{"tools": [name, ...], "answers": [answer, ...]}.
"""
import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    calls = json.load(sys.stdin)
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:], env=dict(os.environ))
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        answers = []
        for name, arguments in calls:
            answer = await session.call_tool(name, arguments)
            answers.append(answer.model_dump(mode="json", by_alias=True))
        print(json.dumps({"tools": tools, "answers": answers}))


asyncio.run(main())
