#include "apps/event_horizon/views/post_head.hpp"

#include "apps/event_horizon/views/paths.hpp"
#include "apps/event_horizon/views/post_head.heex.hpp"
#include "apps/event_horizon/views/render_alone.hpp"
#include "base/json.hpp"

namespace beamline::event_horizon {

namespace {

template <class Attrs>
safe_html html_of(live::rendered (*component)(const Attrs&, live::render_context&), const Attrs& attrs) {
  return safe_html::trusted(live::to_html(render_alone(component, attrs)));
}

/// The post as schema.org has it. A data block: browsers do not run it, and the security policy does not mind it.
safe_html facts_of(const site_facts& site, const post& p, const std::string& url, const std::string& image) {
  auto facts = json{{"@context", "https://schema.org"},
                    {"@type", "BlogPosting"},
                    {"headline", p.title},
                    {"datePublished", iso_moment(p.published)},
                    {"dateModified", iso_moment(p.updated.value_or(p.published))},
                    {"mainEntityOfPage", url},
                    {"inLanguage", site.language},
                    {"publisher", {{"@type", "Organization"}, {"name", site.title}}}};
  if (!p.summary.empty())
    facts["description"] = p.summary;
  if (!site.author.empty())
    facts["author"] = {{"@type", "Person"}, {"name", site.author}};
  if (!image.empty())
    facts["image"] = image;
  if (!p.tags.empty())
    facts["keywords"] = p.tags;
  return safe_html::trusted("<script type=\"application/ld+json\">") + html::script_json(dump_json(facts))
       + safe_html::trusted("</script>");
}

}  // namespace

safe_html post_head(const site_facts& site, const post& p) {
  auto url = absolute_url(site, post_path(p.slug));
  // Networks fetch pictures from whole addresses only.
  auto image = p.image.empty() || (site.url.empty() && p.image.starts_with('/')) ? "" : absolute_url(site, p.image);
  auto facts = facts_of(site, p, url, image);
  return html_of(head_of_post, head_of_post_attrs{p, site.title, url, image, facts});
}

safe_html list_head(const site_facts& site, std::string_view title, std::string_view path) {
  auto words = std::string{title};
  auto url = absolute_url(site, path);
  return html_of(head_of_list, head_of_list_attrs{words, site, url});
}

}  // namespace beamline::event_horizon
