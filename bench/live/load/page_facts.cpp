#include "live/load/page_facts.hpp"

#include <stdexcept>

namespace beamline::bench {

namespace {

/// The tag in which `text` stands.
std::string_view tag_with(std::string_view html, std::string_view text) {
  const auto at = html.find(text);
  if (at == std::string_view::npos)
    return {};
  const auto begin = html.rfind('<', at);
  const auto end = html.find('>', at);
  return begin == std::string_view::npos || end == std::string_view::npos ? std::string_view{}
                                                                          : html.substr(begin, end - begin + 1);
}

/// Tokens and ids have no characters that are escaped.
std::string attribute(std::string_view tag, std::string_view name) {
  const auto start = " " + std::string{name} + "=\"";
  const auto at = tag.find(start);
  if (at == std::string_view::npos)
    return {};
  const auto value = tag.substr(at + start.size());
  return std::string{value.substr(0, value.find('"'))};
}

std::string cookies_of(std::string_view head) {
  constexpr std::string_view field = "\r\nset-cookie: ";
  std::string out;
  for (auto at = head.find(field); at != std::string_view::npos; at = head.find(field, at)) {
    at += field.size();
    out += (out.empty() ? "" : "; ") + std::string{head.substr(at, head.find_first_of(";\r", at) - at)};
  }
  return out;
}

std::string percent_encoded(std::string_view token) {
  std::string out;
  for (auto c : token)
    out += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  return out;
}

// Of a page that is not what was asked for, in the error.
constexpr std::size_t said_max = 600;

}  // namespace

page_facts facts_of(const http_answer& page) {
  page_facts out;
  out.csrf_token = attribute(tag_with(page.body, "name=\"csrf-token\""), "content");
  const auto root = tag_with(page.body, "data-phx-session=");
  out.view_id = attribute(root, "id");
  out.session = attribute(root, "data-phx-session");
  out.static_part = attribute(root, "data-phx-static");
  out.cookies = cookies_of(page.head);
  if (page.status != 200 || out.view_id.empty())
    throw std::runtime_error{"the page was answered " + std::to_string(page.status)
                             + ", without a live view in it: " + std::string{page.body.substr(0, said_max)}};
  return out;
}

std::string upgrade_request(const page_facts& p, std::uint16_t port) {
  const auto host = "127.0.0.1:" + std::to_string(port);
  auto out = "GET /live/websocket?_csrf_token=" + percent_encoded(p.csrf_token)
           + "&_mounts=0&_mount_attempts=0&vsn=2.0.0 HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host
           + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!p.cookies.empty())
    out += "Cookie: " + p.cookies + "\r\n";
  return out + "\r\n";
}

std::string join_payload(const page_facts& p, std::string_view url) {
  return R"({"url":")" + std::string{url} + R"(","params":{"_csrf_token":")" + p.csrf_token
       + R"(","_mounts":0,"_mount_attempts":0},"session":")" + p.session + R"(","static":")" + p.static_part
       + R"(","sticky":false})";
}

}  // namespace beamline::bench
