package dev.usersapi.mail;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.util.Set;
import java.util.TreeSet;

/** Collects the variables of a template, and refuses the parts of Mustache that mail templates cannot use. */
final class TemplateVariables implements Mustache.Visitor {

    private final Set<String> names = new TreeSet<>();

    /** @throws MustacheException if the template includes another one or has a tag that does not end */
    static Set<String> of(Template template) {
        TemplateVariables variables = new TemplateVariables();
        template.visit(variables);
        return variables.names;
    }

    /** JMustache treats a tag that does not end as text. */
    @Override
    public void visitText(String text) {
        if (text.contains("{{")) {
            throw new MustacheException("A tag does not end with }}");
        }
    }

    @Override
    public void visitVariable(String name) {
        names.add(name);
    }

    @Override
    public boolean visitSection(String name) {
        names.add(name);
        return true;
    }

    @Override
    public boolean visitInvertedSection(String name) {
        return visitSection(name);
    }

    @Override
    public boolean visitInclude(String name) {
        throw new MustacheException("A mail template cannot include another template");
    }

    @Override
    public boolean visitParent(String name) {
        return visitInclude(name);
    }

    @Override
    public boolean visitBlock(String name) {
        return visitInclude(name);
    }
}
