# Assembled from this text; the readable original is ShellActivity.java.
.class public final Lapp/shell/ShellActivity;
.super Landroid/app/Activity;
.implements Landroid/view/View$OnClickListener;
.implements Landroid/view/View$OnApplyWindowInsetsListener;
.implements Landroid/webkit/DownloadListener;
.field backCallback:Ljava/lang/Object;
.field cameraRequest:Landroid/webkit/PermissionRequest;
.field chosenFiles:Landroid/webkit/ValueCallback;
.field failed:Z
.field failure:Landroid/view/View;
.field hosts:Ljava/lang/String;
.field preview:Z
.field startUrl:Ljava/lang/String;
.field web:Landroid/webkit/WebView;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Landroid/app/Activity;-><init>()V
    return-void
.end method

.method brand()Landroid/os/Bundle;
    .registers 4
    :try_start_0
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->getPackageManager()Landroid/content/pm/PackageManager;
    move-result-object v0
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->getComponentName()Landroid/content/ComponentName;
    move-result-object v1
    const/16 v2, 0x80
    invoke-virtual {v0, v1, v2}, Landroid/content/pm/PackageManager;->getActivityInfo(Landroid/content/ComponentName;I)Landroid/content/pm/ActivityInfo;
    move-result-object v0
    iget-object v0, v0, Landroid/content/pm/ActivityInfo;->metaData:Landroid/os/Bundle;
    :try_end_10
    .catch Landroid/content/pm/PackageManager$NameNotFoundException; {:try_start_0 .. :try_end_10} :catch_11
    return-object v0
    :catch_11
    move-exception v0
    new-instance v1, Ljava/lang/IllegalStateException;
    invoke-direct {v1, v0}, Ljava/lang/IllegalStateException;-><init>(Ljava/lang/Throwable;)V
    throw v1
.end method

.method download(Landroid/net/Uri;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)V
    .registers 6
    new-instance v0, Landroid/app/DownloadManager$Request;
    invoke-direct {v0, p1}, Landroid/app/DownloadManager$Request;-><init>(Landroid/net/Uri;)V
    invoke-virtual {v0, p4}, Landroid/app/DownloadManager$Request;->setMimeType(Ljava/lang/String;)Landroid/app/DownloadManager$Request;
    invoke-virtual {v0, p2}, Landroid/app/DownloadManager$Request;->setTitle(Ljava/lang/CharSequence;)Landroid/app/DownloadManager$Request;
    invoke-static {}, Landroid/webkit/CookieManager;->getInstance()Landroid/webkit/CookieManager;
    move-result-object p4
    invoke-virtual {p1}, Ljava/lang/Object;->toString()Ljava/lang/String;
    move-result-object p1
    invoke-virtual {p4, p1}, Landroid/webkit/CookieManager;->getCookie(Ljava/lang/String;)Ljava/lang/String;
    move-result-object p1
    const-string p4, "Cookie"
    invoke-virtual {v0, p4, p1}, Landroid/app/DownloadManager$Request;->addRequestHeader(Ljava/lang/String;Ljava/lang/String;)Landroid/app/DownloadManager$Request;
    const-string p1, "User-Agent"
    invoke-virtual {v0, p1, p3}, Landroid/app/DownloadManager$Request;->addRequestHeader(Ljava/lang/String;Ljava/lang/String;)Landroid/app/DownloadManager$Request;
    const/4 p1, 0x1
    invoke-virtual {v0, p1}, Landroid/app/DownloadManager$Request;->setNotificationVisibility(I)Landroid/app/DownloadManager$Request;
    sget p1, Landroid/os/Build$VERSION;->SDK_INT:I
    const/16 p3, 0x1d
    if-lt p1, p3, :cond_31
    sget-object p1, Landroid/os/Environment;->DIRECTORY_DOWNLOADS:Ljava/lang/String;
    invoke-virtual {v0, p1, p2}, Landroid/app/DownloadManager$Request;->setDestinationInExternalPublicDir(Ljava/lang/String;Ljava/lang/String;)Landroid/app/DownloadManager$Request;
    goto :goto_36
    :cond_31
    sget-object p1, Landroid/os/Environment;->DIRECTORY_DOWNLOADS:Ljava/lang/String;
    invoke-virtual {v0, p0, p1, p2}, Landroid/app/DownloadManager$Request;->setDestinationInExternalFilesDir(Landroid/content/Context;Ljava/lang/String;Ljava/lang/String;)Landroid/app/DownloadManager$Request;
    :goto_36
    const-string p1, "download"
    invoke-virtual {p0, p1}, Lapp/shell/ShellActivity;->getSystemService(Ljava/lang/String;)Ljava/lang/Object;
    move-result-object p1
    check-cast p1, Landroid/app/DownloadManager;
    invoke-virtual {p1, v0}, Landroid/app/DownloadManager;->enqueue(Landroid/app/DownloadManager$Request;)J
    return-void
.end method

.method failurePage(Landroid/os/Bundle;I)Landroid/view/View;
    .registers 7
    const-string v0, "shell.foreground"
    const/4 v1, 0x0
    invoke-virtual {p1, v0, v1}, Landroid/os/Bundle;->getInt(Ljava/lang/String;I)I
    move-result v0
    new-instance v1, Landroid/widget/TextView;
    invoke-direct {v1, p0}, Landroid/widget/TextView;-><init>(Landroid/content/Context;)V
    const-string v2, "shell.offline"
    invoke-virtual {p1, v2}, Landroid/os/Bundle;->getString(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v2
    invoke-virtual {v1, v2}, Landroid/widget/TextView;->setText(Ljava/lang/CharSequence;)V
    invoke-virtual {v1, v0}, Landroid/widget/TextView;->setTextColor(I)V
    const/high16 v0, 0x41900000    # 18.0f
    invoke-virtual {v1, v0}, Landroid/widget/TextView;->setTextSize(F)V
    const/16 v0, 0x11
    invoke-virtual {v1, v0}, Landroid/widget/TextView;->setGravity(I)V
    const/16 v2, 0x40
    invoke-virtual {v1, v2, v2, v2, v2}, Landroid/widget/TextView;->setPadding(IIII)V
    new-instance v2, Landroid/widget/Button;
    invoke-direct {v2, p0}, Landroid/widget/Button;-><init>(Landroid/content/Context;)V
    const-string v3, "shell.retry"
    invoke-virtual {p1, v3}, Landroid/os/Bundle;->getString(Ljava/lang/String;)Ljava/lang/String;
    move-result-object p1
    invoke-virtual {v2, p1}, Landroid/widget/Button;->setText(Ljava/lang/CharSequence;)V
    invoke-virtual {v2, p0}, Landroid/widget/Button;->setOnClickListener(Landroid/view/View$OnClickListener;)V
    new-instance p1, Landroid/widget/LinearLayout;
    invoke-direct {p1, p0}, Landroid/widget/LinearLayout;-><init>(Landroid/content/Context;)V
    const/4 v3, 0x1
    invoke-virtual {p1, v3}, Landroid/widget/LinearLayout;->setOrientation(I)V
    invoke-virtual {p1, v0}, Landroid/widget/LinearLayout;->setGravity(I)V
    invoke-virtual {p1, p2}, Landroid/widget/LinearLayout;->setBackgroundColor(I)V
    invoke-virtual {p1, v3}, Landroid/widget/LinearLayout;->setClickable(Z)V
    invoke-virtual {p1, v1}, Landroid/widget/LinearLayout;->addView(Landroid/view/View;)V
    new-instance p2, Landroid/widget/LinearLayout$LayoutParams;
    const/4 v0, -0x2
    invoke-direct {p2, v0, v0}, Landroid/widget/LinearLayout$LayoutParams;-><init>(II)V
    invoke-virtual {p1, v2, p2}, Landroid/widget/LinearLayout;->addView(Landroid/view/View;Landroid/view/ViewGroup$LayoutParams;)V
    const/16 p2, 0x8
    invoke-virtual {p1, p2}, Landroid/widget/LinearLayout;->setVisibility(I)V
    return-object p1
.end method

.method historyChanged()V
    .registers 5
    sget v0, Landroid/os/Build$VERSION;->SDK_INT:I
    const/16 v1, 0x21
    if-ge v0, v1, :cond_7
    return-void
    :cond_7
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->canGoBack()Z
    move-result v0
    iget-object v1, p0, Lapp/shell/ShellActivity;->backCallback:Ljava/lang/Object;
    const/4 v2, 0x0
    if-eqz v1, :cond_14
    const/4 v3, 0x1
    goto :goto_15
    :cond_14
    move v3, v2
    :goto_15
    if-ne v0, v3, :cond_18
    return-void
    :cond_18
    if-nez v1, :cond_27
    new-instance v0, Lapp/shell/BackCallback;
    invoke-direct {v0, p0}, Lapp/shell/BackCallback;-><init>(Lapp/shell/ShellActivity;)V
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->getOnBackInvokedDispatcher()Landroid/window/OnBackInvokedDispatcher;
    move-result-object v1
    invoke-interface {v1, v2, v0}, Landroid/window/OnBackInvokedDispatcher;->registerOnBackInvokedCallback(ILandroid/window/OnBackInvokedCallback;)V
    goto :goto_33
    :cond_27
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->getOnBackInvokedDispatcher()Landroid/window/OnBackInvokedDispatcher;
    move-result-object v0
    iget-object v1, p0, Lapp/shell/ShellActivity;->backCallback:Ljava/lang/Object;
    check-cast v1, Landroid/window/OnBackInvokedCallback;
    invoke-interface {v0, v1}, Landroid/window/OnBackInvokedDispatcher;->unregisterOnBackInvokedCallback(Landroid/window/OnBackInvokedCallback;)V
    const/4 v0, 0x0
    :goto_33
    iput-object v0, p0, Lapp/shell/ShellActivity;->backCallback:Ljava/lang/Object;
    return-void
.end method

.method isOurs(Landroid/net/Uri;)Z
    .registers 5
    const/4 v0, 0x0
    if-eqz p1, :cond_45
    invoke-virtual {p1}, Landroid/net/Uri;->getHost()Ljava/lang/String;
    move-result-object v1
    if-nez v1, :cond_a
    goto :goto_45
    :cond_a
    invoke-virtual {p1}, Landroid/net/Uri;->getScheme()Ljava/lang/String;
    move-result-object v1
    const-string v2, "https"
    invoke-virtual {v2, v1}, Ljava/lang/String;->equals(Ljava/lang/Object;)Z
    move-result v2
    if-nez v2, :cond_23
    iget-boolean v2, p0, Lapp/shell/ShellActivity;->preview:Z
    if-eqz v2, :cond_22
    const-string v2, "http"
    invoke-virtual {v2, v1}, Ljava/lang/String;->equals(Ljava/lang/Object;)Z
    move-result v1
    if-nez v1, :cond_23
    :cond_22
    return v0
    :cond_23
    iget-object v0, p0, Lapp/shell/ShellActivity;->hosts:Ljava/lang/String;
    new-instance v1, Ljava/lang/StringBuilder;
    invoke-direct {v1}, Ljava/lang/StringBuilder;-><init>()V
    const-string v2, " "
    invoke-virtual {v1, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object v1
    invoke-virtual {p1}, Landroid/net/Uri;->getHost()Ljava/lang/String;
    move-result-object p1
    invoke-virtual {v1, p1}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object p1
    invoke-virtual {p1, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object p1
    invoke-virtual {p1}, Ljava/lang/StringBuilder;->toString()Ljava/lang/String;
    move-result-object p1
    invoke-virtual {v0, p1}, Ljava/lang/String;->contains(Ljava/lang/CharSequence;)Z
    move-result p1
    return p1
    :cond_45
    :goto_45
    return v0
.end method

.method protected onActivityResult(IILandroid/content/Intent;)V
    .registers 5
    const/4 v0, 0x1
    if-ne p1, v0, :cond_13
    iget-object v0, p0, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    if-nez v0, :cond_8
    goto :goto_13
    :cond_8
    invoke-static {p2, p3}, Landroid/webkit/WebChromeClient$FileChooserParams;->parseResult(ILandroid/content/Intent;)[Landroid/net/Uri;
    move-result-object p1
    invoke-interface {v0, p1}, Landroid/webkit/ValueCallback;->onReceiveValue(Ljava/lang/Object;)V
    const/4 p1, 0x0
    iput-object p1, p0, Lapp/shell/ShellActivity;->chosenFiles:Landroid/webkit/ValueCallback;
    return-void
    :cond_13
    :goto_13
    invoke-super {p0, p1, p2, p3}, Landroid/app/Activity;->onActivityResult(IILandroid/content/Intent;)V
    return-void
.end method

.method public onApplyWindowInsets(Landroid/view/View;Landroid/view/WindowInsets;)Landroid/view/WindowInsets;
    .registers 6
    invoke-static {}, Landroid/view/WindowInsets$Type;->systemBars()I
    move-result v0
    invoke-static {}, Landroid/view/WindowInsets$Type;->ime()I
    move-result v1
    or-int/2addr v0, v1
    invoke-static {}, Landroid/view/WindowInsets$Type;->displayCutout()I
    move-result v1
    or-int/2addr v0, v1
    invoke-virtual {p2, v0}, Landroid/view/WindowInsets;->getInsets(I)Landroid/graphics/Insets;
    move-result-object p2
    iget v0, p2, Landroid/graphics/Insets;->left:I
    iget v1, p2, Landroid/graphics/Insets;->top:I
    iget v2, p2, Landroid/graphics/Insets;->right:I
    iget p2, p2, Landroid/graphics/Insets;->bottom:I
    invoke-virtual {p1, v0, v1, v2, p2}, Landroid/view/View;->setPadding(IIII)V
    sget-object p1, Landroid/view/WindowInsets;->CONSUMED:Landroid/view/WindowInsets;
    return-object p1
.end method

.method public onBackPressed()V
    .registers 2
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->canGoBack()Z
    move-result v0
    if-eqz v0, :cond_e
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->goBack()V
    goto :goto_11
    :cond_e
    invoke-super {p0}, Landroid/app/Activity;->onBackPressed()V
    :goto_11
    return-void
.end method

.method public onClick(Landroid/view/View;)V
    .registers 2
    iget-object p1, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {p1}, Landroid/webkit/WebView;->reload()V
    return-void
.end method

.method protected onCreate(Landroid/os/Bundle;)V
    .registers 7
    invoke-super {p0, p1}, Landroid/app/Activity;->onCreate(Landroid/os/Bundle;)V
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->brand()Landroid/os/Bundle;
    move-result-object v0
    const-string v1, "shell.start_url"
    invoke-virtual {v0, v1}, Landroid/os/Bundle;->getString(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v1
    iput-object v1, p0, Lapp/shell/ShellActivity;->startUrl:Ljava/lang/String;
    new-instance v1, Ljava/lang/StringBuilder;
    invoke-direct {v1}, Ljava/lang/StringBuilder;-><init>()V
    const-string v2, " "
    invoke-virtual {v1, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object v1
    const-string v3, "shell.hosts"
    invoke-virtual {v0, v3}, Landroid/os/Bundle;->getString(Ljava/lang/String;)Ljava/lang/String;
    move-result-object v3
    invoke-virtual {v1, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object v1
    invoke-virtual {v1, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    move-result-object v1
    invoke-virtual {v1}, Ljava/lang/StringBuilder;->toString()Ljava/lang/String;
    move-result-object v1
    iput-object v1, p0, Lapp/shell/ShellActivity;->hosts:Ljava/lang/String;
    const-string v1, "shell.preview"
    const/4 v2, 0x0
    invoke-virtual {v0, v1, v2}, Landroid/os/Bundle;->getBoolean(Ljava/lang/String;Z)Z
    move-result v1
    iput-boolean v1, p0, Lapp/shell/ShellActivity;->preview:Z
    const-string v1, "shell.background"
    const/4 v3, -0x1
    invoke-virtual {v0, v1, v3}, Landroid/os/Bundle;->getInt(Ljava/lang/String;I)I
    move-result v1
    new-instance v3, Landroid/widget/FrameLayout;
    invoke-direct {v3, p0}, Landroid/widget/FrameLayout;-><init>(Landroid/content/Context;)V
    invoke-virtual {v3, v1}, Landroid/widget/FrameLayout;->setBackgroundColor(I)V
    new-instance v4, Landroid/webkit/WebView;
    invoke-direct {v4, p0}, Landroid/webkit/WebView;-><init>(Landroid/content/Context;)V
    iput-object v4, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v4, v1}, Landroid/webkit/WebView;->setBackgroundColor(I)V
    iget-object v4, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v3, v4}, Landroid/widget/FrameLayout;->addView(Landroid/view/View;)V
    invoke-virtual {p0, v0, v1}, Lapp/shell/ShellActivity;->failurePage(Landroid/os/Bundle;I)Landroid/view/View;
    move-result-object v0
    iput-object v0, p0, Lapp/shell/ShellActivity;->failure:Landroid/view/View;
    invoke-virtual {v3, v0}, Landroid/widget/FrameLayout;->addView(Landroid/view/View;)V
    invoke-virtual {p0, v3}, Lapp/shell/ShellActivity;->setContentView(Landroid/view/View;)V
    sget v0, Landroid/os/Build$VERSION;->SDK_INT:I
    const/16 v1, 0x1e
    if-lt v0, v1, :cond_6a
    invoke-virtual {v3, p0}, Landroid/widget/FrameLayout;->setOnApplyWindowInsetsListener(Landroid/view/View$OnApplyWindowInsetsListener;)V
    :cond_6a
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->getSettings()Landroid/webkit/WebSettings;
    move-result-object v0
    const/4 v1, 0x1
    invoke-virtual {v0, v1}, Landroid/webkit/WebSettings;->setJavaScriptEnabled(Z)V
    invoke-virtual {v0, v1}, Landroid/webkit/WebSettings;->setDomStorageEnabled(Z)V
    invoke-virtual {v0, v2}, Landroid/webkit/WebSettings;->setAllowFileAccess(Z)V
    invoke-virtual {v0, v1}, Landroid/webkit/WebSettings;->setMixedContentMode(I)V
    invoke-virtual {v0, v2}, Landroid/webkit/WebSettings;->setMediaPlaybackRequiresUserGesture(Z)V
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    new-instance v2, Lapp/shell/ShellClient;
    invoke-direct {v2, p0}, Lapp/shell/ShellClient;-><init>(Lapp/shell/ShellActivity;)V
    invoke-virtual {v0, v2}, Landroid/webkit/WebView;->setWebViewClient(Landroid/webkit/WebViewClient;)V
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    new-instance v2, Lapp/shell/ShellChrome;
    invoke-direct {v2, p0}, Lapp/shell/ShellChrome;-><init>(Lapp/shell/ShellActivity;)V
    invoke-virtual {v0, v2}, Landroid/webkit/WebView;->setWebChromeClient(Landroid/webkit/WebChromeClient;)V
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0, p0}, Landroid/webkit/WebView;->setDownloadListener(Landroid/webkit/DownloadListener;)V
    if-eqz p1, :cond_a3
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0, p1}, Landroid/webkit/WebView;->restoreState(Landroid/os/Bundle;)Landroid/webkit/WebBackForwardList;
    move-result-object p1
    if-nez p1, :cond_aa
    :cond_a3
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->getIntent()Landroid/content/Intent;
    move-result-object p1
    invoke-virtual {p0, p1, v1}, Lapp/shell/ShellActivity;->open(Landroid/content/Intent;Z)V
    :cond_aa
    return-void
.end method

.method protected onDestroy()V
    .registers 2
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->destroy()V
    invoke-super {p0}, Landroid/app/Activity;->onDestroy()V
    return-void
.end method

.method public onDownloadStart(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;J)V
    .registers 7
    invoke-static {p1}, Landroid/net/Uri;->parse(Ljava/lang/String;)Landroid/net/Uri;
    move-result-object p5
    invoke-virtual {p0, p5}, Lapp/shell/ShellActivity;->isOurs(Landroid/net/Uri;)Z
    move-result p6
    if-nez p6, :cond_e
    invoke-virtual {p0, p5}, Lapp/shell/ShellActivity;->openOutside(Landroid/net/Uri;)V
    return-void
    :cond_e
    :try_start_e
    invoke-static {p1, p3, p4}, Landroid/webkit/URLUtil;->guessFileName(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)Ljava/lang/String;
    move-result-object p1
    invoke-virtual {p0, p5, p1, p2, p4}, Lapp/shell/ShellActivity;->download(Landroid/net/Uri;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)V
    :try_end_15
    .catch Ljava/lang/RuntimeException; {:try_start_e .. :try_end_15} :catch_16
    goto :goto_19
    :catch_16
    invoke-virtual {p0, p5}, Lapp/shell/ShellActivity;->openOutside(Landroid/net/Uri;)V
    :goto_19
    return-void
.end method

.method protected onNewIntent(Landroid/content/Intent;)V
    .registers 3
    invoke-super {p0, p1}, Landroid/app/Activity;->onNewIntent(Landroid/content/Intent;)V
    const/4 v0, 0x0
    invoke-virtual {p0, p1, v0}, Lapp/shell/ShellActivity;->open(Landroid/content/Intent;Z)V
    return-void
.end method

.method protected onPause()V
    .registers 2
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->onPause()V
    invoke-super {p0}, Landroid/app/Activity;->onPause()V
    return-void
.end method

.method public onRequestPermissionsResult(I[Ljava/lang/String;[I)V
    .registers 4
    iget-object p1, p0, Lapp/shell/ShellActivity;->cameraRequest:Landroid/webkit/PermissionRequest;
    if-nez p1, :cond_5
    return-void
    :cond_5
    array-length p2, p3
    if-lez p2, :cond_15
    const/4 p2, 0x0
    aget p2, p3, p2
    if-nez p2, :cond_15
    invoke-virtual {p1}, Landroid/webkit/PermissionRequest;->getResources()[Ljava/lang/String;
    move-result-object p2
    invoke-virtual {p1, p2}, Landroid/webkit/PermissionRequest;->grant([Ljava/lang/String;)V
    goto :goto_18
    :cond_15
    invoke-virtual {p1}, Landroid/webkit/PermissionRequest;->deny()V
    :goto_18
    const/4 p1, 0x0
    iput-object p1, p0, Lapp/shell/ShellActivity;->cameraRequest:Landroid/webkit/PermissionRequest;
    return-void
.end method

.method protected onResume()V
    .registers 2
    invoke-super {p0}, Landroid/app/Activity;->onResume()V
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0}, Landroid/webkit/WebView;->onResume()V
    return-void
.end method

.method protected onSaveInstanceState(Landroid/os/Bundle;)V
    .registers 3
    invoke-super {p0, p1}, Landroid/app/Activity;->onSaveInstanceState(Landroid/os/Bundle;)V
    iget-object v0, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {v0, p1}, Landroid/webkit/WebView;->saveState(Landroid/os/Bundle;)Landroid/webkit/WebBackForwardList;
    return-void
.end method

.method open(Landroid/content/Intent;Z)V
    .registers 4
    if-nez p1, :cond_4
    const/4 p1, 0x0
    goto :goto_8
    :cond_4
    invoke-virtual {p1}, Landroid/content/Intent;->getData()Landroid/net/Uri;
    move-result-object p1
    :goto_8
    invoke-virtual {p0, p1}, Lapp/shell/ShellActivity;->isOurs(Landroid/net/Uri;)Z
    move-result v0
    if-eqz v0, :cond_18
    iget-object p2, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    invoke-virtual {p1}, Ljava/lang/Object;->toString()Ljava/lang/String;
    move-result-object p1
    invoke-virtual {p2, p1}, Landroid/webkit/WebView;->loadUrl(Ljava/lang/String;)V
    goto :goto_21
    :cond_18
    if-eqz p2, :cond_21
    iget-object p1, p0, Lapp/shell/ShellActivity;->web:Landroid/webkit/WebView;
    iget-object p2, p0, Lapp/shell/ShellActivity;->startUrl:Ljava/lang/String;
    invoke-virtual {p1, p2}, Landroid/webkit/WebView;->loadUrl(Ljava/lang/String;)V
    :cond_21
    :goto_21
    return-void
.end method

.method openOutside(Landroid/net/Uri;)V
    .registers 4
    :try_start_0
    new-instance v0, Landroid/content/Intent;
    const-string v1, "android.intent.action.VIEW"
    invoke-direct {v0, v1, p1}, Landroid/content/Intent;-><init>(Ljava/lang/String;Landroid/net/Uri;)V
    const-string p1, "android.intent.category.BROWSABLE"
    invoke-virtual {v0, p1}, Landroid/content/Intent;->addCategory(Ljava/lang/String;)Landroid/content/Intent;
    move-result-object p1
    invoke-virtual {p0, p1}, Lapp/shell/ShellActivity;->startActivity(Landroid/content/Intent;)V
    :try_end_10
    .catch Ljava/lang/RuntimeException; {:try_start_0 .. :try_end_10} :catch_10
    :catch_10
    return-void
.end method

.method pageFinished()V
    .registers 3
    iget-object v0, p0, Lapp/shell/ShellActivity;->failure:Landroid/view/View;
    iget-boolean v1, p0, Lapp/shell/ShellActivity;->failed:Z
    if-eqz v1, :cond_8
    const/4 v1, 0x0
    goto :goto_a
    :cond_8
    const/16 v1, 0x8
    :goto_a
    invoke-virtual {v0, v1}, Landroid/view/View;->setVisibility(I)V
    invoke-virtual {p0}, Lapp/shell/ShellActivity;->historyChanged()V
    return-void
.end method
