"""A client of the Model Context Protocol, based on the official SDK.

Starts the server given as arguments, calls the tools listed on stdin as [[name, arguments], ...], and prints
{"tools": [name, ...], "responses": [response, ...], "resources": {uri: text, ...}, "prompts": {name: text, ...}}. The digest "$last" stands for the last one that a tool returned.
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
        responses, digest = [], None
        for name, arguments in calls:
            if arguments.get("digest") == "$last":
                arguments["digest"] = digest
            response = (await session.call_tool(name, arguments)).model_dump(mode="json", by_alias=True)
            digest = response["structuredContent"].get("digest") or digest
            responses.append(response)
        resources, prompts = {}, {}
        for resource in (await session.list_resources()).resources:
            resources[str(resource.uri)] = (await session.read_resource(resource.uri)).contents[0].text
        for prompt in (await session.list_prompts()).prompts:
            prompts[prompt.name] = (await session.get_prompt(prompt.name)).messages[0].content.text
        print(json.dumps({"tools": tools, "responses": responses, "resources": resources, "prompts": prompts}))


asyncio.run(main())
