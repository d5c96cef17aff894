#include "apps/event_horizon/content/feeds.hpp"

#include "apps/event_horizon/content/dates.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace beamline::event_horizon {

namespace {

/// Writes XML: what is put in is escaped, and characters that XML cannot have are dropped.
class xml_writer {
public:
  explicit xml_writer(std::string_view root) : root_{root.substr(0, root.find(' '))} {
    out_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<" + std::string{root} + ">\n";
  }

  void open(std::string_view name) { out_ += "<" + std::string{name} + ">\n"; }
  void close(std::string_view name) { out_ += "</" + std::string{name} + ">\n"; }
  void element(std::string_view name, std::string_view text, std::string_view attributes = {}) {
    out_ += "<" + std::string{name} + std::string{attributes} + ">";
    append(text);
    out_ += "</" + std::string{name} + ">\n";
  }
  void link(std::string_view relation, std::string_view url) {
    out_ += "<link rel=\"" + std::string{relation} + "\" href=\"";
    append(url);
    out_ += "\"/>\n";
  }
  void category(std::string_view term) {
    out_ += "<category term=\"";
    append(term);
    out_ += "\"/>\n";
  }
  [[nodiscard]] std::string finish() && {
    close(root_);
    return std::move(out_);
  }

private:
  void append(std::string_view text) {
    for (char c : text) {
      switch (c) {
        case '&': out_ += "&amp;"; break;
        case '<': out_ += "&lt;"; break;
        case '>': out_ += "&gt;"; break;
        case '"': out_ += "&quot;"; break;
        default:
          if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t')
            out_ += c;
      }
    }
  }

  std::string root_;
  std::string out_;
};

std::span<const post_ref> newest(const library& of, std::size_t posts_max) {
  return std::span{of.posts()}.first(std::min(of.posts().size(), posts_max));
}

std::chrono::sys_seconds changed(const post& p) { return std::max(p.published, p.updated.value_or(p.published)); }

std::chrono::sys_seconds last_change(std::span<const post_ref> posts) {
  auto out = std::chrono::sys_seconds{};
  for (const auto& p : posts)
    out = std::max(out, changed(*p));
  return out;
}

std::string post_url(const site_facts& site, const post& p) { return site.url + "/blog/" + p.slug; }

}  // namespace

std::string absolute_url(const site_facts& site, std::string_view path) {
  return path.starts_with('/') ? site.url + std::string{path} : std::string{path};
}

std::string atom_feed(const site_facts& site, const library& posts) {
  auto xml = xml_writer{"feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"" + site.language + "\""};
  auto shown = newest(posts, feed_posts_max);
  xml.element("title", site.title);
  if (!site.description.empty())
    xml.element("subtitle", site.description);
  xml.element("id", site.url + "/");
  xml.link("alternate", site.url + "/blog");
  xml.link("self", site.url + "/feed.xml");
  xml.element("updated", iso_moment(last_change(shown)));
  xml.open("author");
  xml.element("name", site.author.empty() ? site.title : site.author);
  xml.close("author");
  for (const auto& p : shown) {
    xml.open("entry");
    xml.element("title", p->title);
    xml.element("id", post_url(site, *p));
    xml.link("alternate", post_url(site, *p));
    xml.element("published", iso_moment(p->published));
    xml.element("updated", iso_moment(changed(*p)));
    for (const auto& tag : p->tags)
      xml.category(tag);
    xml.element("summary", p->summary);
    // Addresses in the text count from the site.
    xml.element("content", p->body.str(), " type=\"html\" xml:base=\"" + site.url + "/\"");
    xml.close("entry");
  }
  return std::move(xml).finish();
}

std::string rss_feed(const site_facts& site, const library& posts) {
  auto xml = xml_writer{"rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
                        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\""};
  auto shown = newest(posts, feed_posts_max);
  xml.open("channel");
  xml.element("title", site.title);
  xml.element("link", site.url + "/blog");
  xml.element("description", site.description.empty() ? "The newest posts of " + site.title : site.description);
  xml.element("language", site.language);
  xml.element("atom:link", "", " rel=\"self\" type=\"application/rss+xml\" href=\"" + site.url + "/rss.xml\"");
  xml.element("lastBuildDate", http_moment(last_change(shown)));
  for (const auto& p : shown) {
    xml.open("item");
    xml.element("title", p->title);
    xml.element("link", post_url(site, *p));
    xml.element("guid", post_url(site, *p));
    xml.element("pubDate", http_moment(p->published));
    if (!site.author.empty())
      xml.element("dc:creator", site.author);
    for (const auto& tag : p->tags)
      xml.element("category", tag);
    xml.element("description", p->summary);
    xml.close("item");
  }
  xml.close("channel");
  return std::move(xml).finish();
}

std::string sitemap(const site_facts& site, const library& posts) {
  auto xml = xml_writer{"urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""};
  auto add = [&](const std::string& url, std::chrono::sys_seconds moment) {
    xml.open("url");
    xml.element("loc", url);
    if (moment != std::chrono::sys_seconds{})
      xml.element("lastmod", iso_moment(moment));
    xml.close("url");
  };
  constexpr std::size_t pages = 2;
  auto shown = newest(posts, sitemap_urls_max - pages);
  add(site.url + "/", last_change(shown));
  add(site.url + "/blog", last_change(shown));
  for (const auto& p : shown)
    if (!p->is_draft)
      add(post_url(site, *p), changed(*p));
  return std::move(xml).finish();
}

std::string robots_txt(const site_facts& site) {
  return "User-agent: *\nDisallow: /api/\nDisallow: /live/\n\nSitemap: " + site.url + "/sitemap.xml\n";
}

}  // namespace beamline::event_horizon
