"""Documentation pages of a bourse that does not exist, in the shapes in which exchanges publish them."""

from __future__ import annotations

__all__ = [
    "BOOK_MARKDOWN",
    "BOOK_OLD_SITE",
    "BOOK_TEXT",
    "CANCEL_CHINESE",
    "CHANGES_HTML",
    "DEPTH_STREAM_CHINESE",
    "FILL_EVENT",
    "PLACE_WEBSOCKET",
    "QUERY_ENGLISH",
    "TICKER_HTML",
    "WELCOME",
]

BOOK_MARKDOWN = """\
---
title: "Depth of a Contract"
url: https://docs.bourse.example/futures/market/rest-api/Depth
---
[Skip](https://docs.bourse.example/#skip)
  * [Home](https://docs.bourse.example/)

# Depth of a Contract

> Source: https://docs.bourse.example/futures/market/rest-api/Depth

## API Description

Shows the resting orders of one contract. Levels are summed by price.

## HTTP Request

GET `/v1/depth`

## Request Weight

Adjusted by the limit:

| Limit | Weight |
| --- | --- |
| 5, 10, 50 | 2 |
| 100 | 5 |
| 500 | 10 |

## Request Parameters

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES |  |
| limit | INT | NO | Default 100; Valid limits:[5, 10, 50,
100, 500] |

> -   Hidden orders are not part of it.

## Response Example

```json
{
  "lastId": 31,
  "E": 1700000000000,     // Message output time
  "bids": [
    [
      "4.00",     // PRICE
      "431.0"     // QTY
    ]
  ],
  "asks": [["4.02", "12.0"]]
}
```
"""

BOOK_TEXT = """\
Depth of a Contract
API Description
Shows the resting orders of one contract. Levels are summed by price.
HTTP Request
GET /v1/depth
Request Weight
Adjusted by the limit:
Limit\tWeight
5, 10, 50\t2
100\t5
500\t10
Request Parameters
Name\tType\tMandatory\tDescription
symbol\tSTRING\tYES\t
limit\tINT\tNO\tDefault 100; Valid limits:[5, 10, 50, 100, 500]
• Hidden orders are not part of it.
Response Example
{
  "lastId": 31,
  "E": 1700000000000,     // Message output time
  "bids": [
    [
      "4.00",     // PRICE
      "431.0"     // QTY
    ]
  ],
  "asks": [["4.02", "12.0"]]
}
https://docs.bourse.example/futures/market/rest-api/Depth
"""

BOOK_OLD_SITE = """\
<html><head><link rel="canonical" href="https://docs.bourse.example/futures/market/rest-api/Depth"></head><body>
<nav><ul><li>Home</li></ul></nav>
<div class="content">
<h1>Market Endpoints</h1>
<h2 id="ping">Ping</h2>
<blockquote><p><strong>Response:</strong></p></blockquote>
<pre class="highlight javascript"><code><span class="p">{}</span></code></pre>
<p><code>GET /v1/ping</code></p>
<p>Answers at once.</p>
<p><strong>Weight:</strong> 1</p>
<p><strong>Parameters:</strong></p>
<p>NONE</p>
<h2 id="depth">Depth of a Contract</h2>
<blockquote><p><strong>Response:</strong></p></blockquote>
<pre class="highlight javascript"><code>{
  <span class="s2">"lastId"</span>: <span class="mi">31</span>,
  "E": 1700000000000,     <span class="c1">// Message output time</span>
  "bids": [
    [
      "4.00",     // PRICE
      "431.0"     // QTY
    ]
  ],
  "asks": [["4.02", "12.0"]]
}
</code></pre>
<p><code>GET /v1/depth</code></p>
<p>Shows the resting orders of one contract. Levels are summed by price.</p>
<p><strong>Weight:</strong></p>
<p>Adjusted by the limit:</p>
<table><thead><tr><th>Limit</th><th>Weight</th></tr></thead><tbody>
<tr><td>5, 10, 50</td><td>2</td></tr><tr><td>100</td><td>5</td></tr><tr><td>500</td><td>10</td></tr></tbody></table>
<p><strong>Parameters:</strong></p>
<table><thead><tr><th>Name</th><th>Type</th><th>Mandatory</th><th>Description</th></tr></thead><tbody>
<tr><td>symbol</td><td>STRING</td><td>YES</td><td></td></tr>
<tr><td>limit</td><td>INT</td><td>NO</td><td>Default 100; Valid limits:[5, 10, 50, 100, 500]</td></tr></tbody></table>
<ul><li>Hidden orders are not part of it.</li></ul>
</div></body></html>
"""

QUERY_ENGLISH = """\
# Query Order (USER_DATA)

## API Description

Looks up one order.

## HTTP Request

GET `/v1/order`

## Request Weight

**2**

## Request Parameters

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES |  |
| orderId | LONG | NO |  |
| recvWindow | LONG | NO |  |
| timestamp | LONG | YES |  |

## Response Example

```json
{"orderId": 7, "symbol": "BTC", "side": "BUY", "status": "NEW", "price": "1.0", "updateTime": 1700000000000}
```
"""

CANCEL_CHINESE = """\
# 撤销订单 (TRADE)

## 接口描述

撤销一笔挂单。

## HTTP请求

DELETE `/v1/order`

## 请求权重

**3**

## 请求参数

| 名称 | 类型 | 是否必需 | 描述 |
| --- | --- | --- | --- |
| symbol | STRING | YES | 交易对 |
| orderId | LONG | NO |  |
| clientId | STRING | NO | 用户自定义的订单号，最大长度 36 |
| recvWindow | LONG | NO |  |
| timestamp | LONG | YES |  |

> -   `orderId` 与 `clientId` 必须至少发送一个

## 响应示例

```javascript
{
  "orderId": 7, "symbol": "BTC", "side": "BUY", "status": "CANCELED", "price": "1.0",
  "updateTime": 1700000000000,
  "fee": "0.1"   // 手续费
}
```
"""

TICKER_HTML = """\
<!doctype html><html lang="en"><head>
<meta property="og:url" content="https://docs.bourse.example/futures/market/rest-api/Ticker"></head><body>
<nav>Market<a href="/">Home</a></nav>
<main><article><div class="theme-doc-markdown markdown">
<h1>Latest Price Ticker</h1>
<h2 id="d">API Description<a class="hash-link" href="#d">\u200b</a></h2><p>Last prices.</p>
<h2>HTTP Request</h2><p>GET <code>/v1/ticker</code></p>
<h2>Request Weight</h2><p><strong>1</strong> for a single symbol;<br><strong>2</strong> when the symbol parameter is
omitted</p>
<h2>Request Parameters</h2>
<table><thead><tr><th>Name</th><th>Type</th><th>Mandatory</th><th>Description</th></tr></thead>
<tbody><tr><td>symbol</td><td>STRING</td><td>NO</td><td></td></tr></tbody></table>
<blockquote><ul><li>If the symbol is not sent, all symbols come in an array.</li></ul></blockquote>
<h2>Response Example</h2>
<div class="codeBlock"><pre><code><span class="token-line">{<br></span><span>  "symbol": "BTC",<br></span>
<span>  "price": "6000.01",   // last price<br></span><span>  "meta": {"source": null, "tags": []}<br></span>}
</code></pre></div>
<blockquote><p><strong>OR</strong></p></blockquote>
<pre><code>[{"symbol": "BTC", "price": "6000.01", "meta": {"source": null, "tags": []}}]</code></pre>
</div></article></main><footer>GET /v1/elsewhere</footer></body></html>
"""

CHANGES_HTML = """\
<html><body><article>
<h1>Margin Changes (USER_DATA)</h1>
<h2>API Description</h2><p>Past changes of margin.</p>
<h2>HTTP Request</h2><p><code>GET /v1/margin/history</code></p>
<h2>Request Weight</h2><p>share 500/5min/IP rate limit with GET /v1/fundingInfo</p>
<h2>Request Parameters</h2>
<table><tr><th>Name</th><th>Type</th><th>Mandatory</th><th>Description</th></tr>
<tr><td>type</td><td>INT</td><td>NO</td><td>1: Add margin，2: Reduce margin</td></tr>
<tr><td>interval</td><td>ENUM</td><td>YES</td><td></td></tr>
<tr><td>ids</td><td>LIST&lt;LONG&gt;</td><td>NO</td><td>max length 10</td></tr>
<tr><td>ratio</td><td>DECIMAL</td><td></td><td>min 0.1, max 10</td></tr>
<tr><td>blob</td><td>OBJECT</td><td>NO</td><td></td></tr>
<tr><td>startTime</td><td>LONG</td><td>NO</td><td></td></tr>
<tr><td>endTime</td><td>LONG</td><td>NO</td><td>Default current time if not pass</td></tr>
<tr><td>timestamp</td><td>LONG</td><td>YES</td><td></td></tr></table>
<blockquote><ul><li>The time between <code>startTime</code> and <code>endTime</code> can't be more than 30 days</li>
</ul></blockquote>
<h2>Response Example</h2>
<pre><code>[
  {"type": 1, "time": 1700000000000, "legs": [{"a": "0.5"  // Amount
  }], "rate": 0.25, "book": {"BTCUSDT": ["1"], "ETHUSDT": ["2"]}},
  {"type": 2, "time": 1700000000001, "legs": [], "rate": 1, "book": {}, "hint": ""}
  {"code": -1, "msg": "no"}
]</code></pre>
</article></body></html>
"""

PLACE_WEBSOCKET = """\
# New Order (TRADE)

> Source: https://docs.bourse.example/futures/trade/websocket-api/New-Order

## API Description

Places an order.

## Method

`order.place`

## Request

```json
{"id": "a1", "method": "order.place", "params": {"apiKey": "k", "symbol": "BTC"}}
```

## Request Weight

1 on 10s order rate limit(X-ORDERS-10S); 0 on IP rate limit(X-WEIGHT-1M)

## Request Parameters

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES |  |
| side | ENUM | YES |  |
| type | ENUM | YES | `LIMIT`, `MARKET` |
| closePosition | STRING | NO | "true" or "false", default "false" |
| clientId | STRING | NO | Unique among open orders. Must be like `^[\\.A-Z_-]{1,36}$` |
| timestamp | LONG | YES |  |
| signature | STRING | YES |  |

## Response Example

```json
{
  "id": "a1",
  "status": 200,
  "result": {
    "orderId": 7, "symbol": "BTC", "side": "BUY", "status": "NEW", "price": "1.0", "updateTime": 1700000000000
  },
  "rateLimits": [
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300, "count": 1}
  ]
}
```
"""

DEPTH_STREAM_CHINESE = """\
# 增量深度信息

> Source: https://docs.bourse.example/zh-CN/futures/market-streams/Depth-Stream

## 数据流描述

每次订单簿变化时推送。

## URL PATH

`/public`

## 数据流名称

`<symbol>@depth` 或 `<symbol>@depth@500ms` 或 `<symbol>@depth@100ms`

## 更新速度

**250毫秒**, **500毫秒**, **100毫秒**

## 响应示例

```javascript
{
  "e": "depthUpdate", // 事件类型
  "E": 123456789,     // 事件时间
  "s": "BTCUSDT",     // 交易对
  "x": true,          // 这是一个很长的说明
  "b": [["0.0024", "10"]]
}
```
"""

FILL_EVENT = """\
# Event: Order Fill

> Source: https://docs.bourse.example/futures/user-data/Event-Order-Fill

## Event Description

An order was filled.

## URL PATH

`/private`

## Event Name

`ORDER_FILL`

## Response Example

```json
{
  "e": "ORDER_FILL",
  "E": 1700000000000,   // Event Time
  "o": {                // Order
    "i": 8886774,       // Order Id
    "S": "BUY",         // Side
    "L": "9.5"          // Last Filled Price
  }
}
```
"""

WELCOME = """\
# Welcome

This is what the bourse offers.

## Streams

- Depth: `<symbol>@depth`
"""
