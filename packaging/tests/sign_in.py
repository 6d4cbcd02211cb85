"""Plays the member in the browser: `sign_in.py URL` signs in at the sandbox as Ada, allows, and prints the callback URL."""

import html
import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request


class UntilCallback(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the sandbox, and prints the one that leaves it."""

    def redirect_request(self, request, file, code, message, headers, url):
        if urllib.parse.urlsplit(url).netloc != start.netloc:
            print(url)
            sys.exit(0)
        return super().redirect_request(request, file, code, message, headers, url)


start = urllib.parse.urlsplit(sys.argv[1])
cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
browser = urllib.request.build_opener(UntilCallback, cookies)
browser.addheaders = [("Origin", f"{start.scheme}://{start.netloc}"), ("Sec-Fetch-Site", "same-origin")]

page = browser.open(sys.argv[1], timeout=10).read().decode()
for _ in range(2):
    # The sandbox remembers who signed in last, and asks only for permission then.
    button = {"allow": "1"} if 'name="allow"' in page else {"member": "ada"}
    action = re.search(r'action="([^"]+)"', page)[1]
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    fields = {html.unescape(name): html.unescape(value) for name, value in hidden} | button
    url = urllib.parse.urljoin(sys.argv[1], html.unescape(action))
    page = browser.open(url, urllib.parse.urlencode(fields).encode(), timeout=10).read().decode()
sys.exit("error: the sandbox did not redirect to the callback URL")
